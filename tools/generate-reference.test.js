// @ts-check
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  describeSchema,
  ERROR_CODES,
  integer,
  nested,
  oneOf,
  record,
  section,
  string,
  union,
} from '@orbit-ts/base'
import { configurationPage, errorsPage } from './generate-reference.js'

describe('errorsPage', () => {
  it('has one row for each code', () => {
    const rows = errorsPage(ERROR_CODES)
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    assert.equal(rows.length, Object.keys(ERROR_CODES).length)
    assert.ok(rows.includes('| `NOT_FOUND` | never | 404 | No such path. |'))
  })
})

describe('configurationPage', () => {
  it('groups keys by section and says where each comes from', () => {
    const schema = section({
      server: nested(
        section({ port: integer({ default: 8080, min: 0, max: 65535, doc: 'Where HTTP listens.' }) }),
      ),
      providers: record(
        union('type', { disk: section({ dir: string(), mode: oneOf(['a|b'], { optional: true }) }) }),
      ),
    })
    const page = configurationPage(describeSchema(schema))
    assert.ok(
      page.includes(
        [
          '## `[server]`',
          '',
          '| Key | Type | Default | Environment | Flag | |',
          '| --- | --- | --- | --- | --- | --- |',
          '| `port` | integer, 0 to 65535 | `8080` | `ORBIT_SERVER_PORT` | `--server-port` | Where HTTP listens. |',
          '',
          '## `[providers.<name>]`',
        ].join('\n'),
      ),
      page,
    )
    assert.ok(
      page.includes(
        '| `dir` | string | required | `ORBIT_PROVIDERS_<NAME>_DIR` | `--providers-<name>-dir` | Only with `type = "disk"`. |',
      ),
    )
    assert.ok(page.includes('| `mode` | one of "a\\|b" |  |'))
  })
})
