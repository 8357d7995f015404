import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Place } from './orbit-process.test.data.js'

/** Whether a command loads the HTTP framework, and how it ended. */
async function loads(
  place: Place,
  args: readonly string[],
): Promise<readonly [code: number | null, fastify: boolean]> {
  const list = "process.on('exit', () => console.error('\\nloaded', Object.keys(require.cache).join(' ')))"
  await place.file('list.cjs', list)
  const env = { NODE_OPTIONS: `--require ${JSON.stringify(join(place.path, 'list.cjs'))}` }
  const { code, stderr } = await place.run(args, { env })
  const [, modules] = /\nloaded (.*)\n$/.exec(stderr) ?? []
  assert.ok(modules !== undefined, stderr)
  return [code, /[\\/]node_modules[\\/]fastify[\\/]/.test(modules)]
}

describe('a command that serves nothing', () => {
  it('does not load what serves', () =>
    Place.with(async (place) => {
      await place.file('a.csv', 'a\n1\n')
      for (const args of [
        ['--version'],
        ['serve', '--help'],
        ['config', 'show'],
        ['config', 'check'],
        ['import', 'table', 'a', 'a.csv', '--create'],
        ['export', 'table', 'a'],
        ['inspect'],
      ]) {
        assert.deepEqual(await loads(place, args), [0, false], args.join(' '))
      }
      // As it is seen when it is loaded: by a server that then has no such engine.
      assert.deepEqual(await loads(place, ['serve', '--storage', 's3']), [1, true])
    }))
})
