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
import {
  clientConfigurationPage,
  clientMetrics,
  configurationPage,
  errorsPage,
  metricsPage,
} from './generate-reference.js'

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

describe('clientConfigurationPage', () => {
  it('writes keys as code does', () => {
    const schema = section({
      endPoints: nested(section({ countMax: integer({ default: 3, min: 1, doc: 'How many | at most.' }) })),
      name: string(),
    })
    const rows = clientConfigurationPage(describeSchema(schema)).split('\n').slice(-3, -1)
    assert.deepEqual(rows.toSorted(), [
      '| `endPoints.countMax` | integer, 1 or more | `3` | How many \\| at most. |',
      '| `name` | string | required |  |',
    ])
  })
})

describe('metricsPage', () => {
  it('has a row for each metric of a client', async () => {
    const metrics = await clientMetrics()
    const rows = metricsPage(metrics)
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    assert.equal(rows.length, metrics.length)
    assert.ok(
      rows.includes(
        '| `orbit_tikv_request_seconds` | histogram | `method`, `store` | Time of RPCs to stores. |',
      ),
    )
  })
})
