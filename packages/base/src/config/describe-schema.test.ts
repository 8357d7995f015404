import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeSchema } from './describe-schema.js'
import { duration } from './duration.js'
import { integer, list, oneOf, secret, string } from './leaves.js'
import { nested, record, section, union, type Section } from './section.js'

it('gives one row for each key, in order', () => {
  const schema = section({
    server: nested(
      section({ port: integer({ default: 8080, min: 0, max: 65535, doc: 'Where HTTP listens.' }) }),
    ),
    backend: string({ optional: true, env: 'ORBIT_PERSISTENCE_BACKEND', flag: 'store', aliases: ['engine'] }),
    token: secret(),
    hosts: list(string(), { default: ['a', 'b'] }),
    providers: record(
      union('type', {
        memory: section({ syncMs: duration({ unit: 's', key: 'sync', default: '5m' }) }),
        disk: section({ mode: oneOf(['a', 'b'], { default: 'a' }) }),
      }),
    ),
  })
  const plain = { required: false, secret: false, doc: '', when: undefined }
  assert.deepEqual(describeSchema(schema), [
    {
      ...plain,
      path: 'server.port',
      env: 'ORBIT_SERVER_PORT',
      flag: '--server-port',
      type: 'integer, 0 to 65535',
      default: '8080',
      doc: 'Where HTTP listens.',
    },
    {
      ...plain,
      path: 'backend',
      env: 'ORBIT_PERSISTENCE_BACKEND',
      flag: '--store',
      type: 'string',
      default: undefined,
    },
    {
      ...plain,
      path: 'token',
      env: 'ORBIT_TOKEN',
      flag: '--token',
      type: 'secret (a string, { env = "NAME" } or { file = "path" })',
      default: undefined,
      required: true,
      secret: true,
    },
    {
      ...plain,
      path: 'hosts',
      env: 'ORBIT_HOSTS',
      flag: '--hosts',
      type: 'list of string',
      default: '["a", "b"]',
    },
    {
      ...plain,
      path: 'providers.<name>.type',
      env: 'ORBIT_PROVIDERS_<NAME>_TYPE',
      flag: '--providers-<name>-type',
      type: 'one of "memory", "disk"',
      default: undefined,
      required: true,
      doc: 'Which kind it is; an entry named after a kind may leave it out.',
    },
    {
      ...plain,
      path: 'providers.<name>.sync',
      env: 'ORBIT_PROVIDERS_<NAME>_SYNC',
      flag: '--providers-<name>-sync',
      type: 'duration in s, or text such as "5m"',
      default: '300',
      when: 'type = "memory"',
    },
    {
      ...plain,
      path: 'providers.<name>.mode',
      env: 'ORBIT_PROVIDERS_<NAME>_MODE',
      flag: '--providers-<name>-mode',
      type: 'one of "a", "b"',
      default: '"a"',
      when: 'type = "disk"',
    },
  ])
})

it('ends for a schema that contains itself', () => {
  const node: Section = section({
    size: integer({ default: 1 }),
    inner: nested(() => node, { optional: true }),
  })
  assert.deepEqual(
    describeSchema(node).map((row) => row.path),
    ['size', 'inner.size'],
  )
})
