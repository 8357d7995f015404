import assert from 'node:assert/strict'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Place, type Ended } from './orbit-process.test.data.js'
import { createProgram } from './program.js'
import { VERSION } from './version.js'

const ended = (code: number, stdout: string, stderr: string): Ended => ({
  code,
  signal: null,
  stdout,
  stderr,
})

describe('orbit', () => {
  it('prints its version', () =>
    Place.with(async (place) => {
      assert.deepEqual(await place.run(['--version']), ended(0, `${VERSION}\n`, ''))
    }))

  it('names the nearest command and option, with exit code 2', () =>
    Place.with(async (place) => {
      const hint = '(add --help to see how it is used)\n'
      assert.deepEqual(
        await place.run(['imprt']),
        ended(2, '', `orbit: unknown command 'imprt'\n(Did you mean import?)\n${hint}`),
      )
      assert.deepEqual(
        await place.run(['serve', '--htp-port', '1']),
        ended(2, '', `orbit: unknown option '--htp-port'\n(Did you mean --http-port?)\n${hint}`),
      )
      assert.deepEqual(
        await place.run(['import', 'tabel', 'a', 'a.csv']),
        ended(
          2,
          '',
          'orbit: INVALID_ARGUMENT: <model>: "tabel" is not one of table, collection, nodes, edges, vectors, series; did you mean "table"?\n',
        ),
      )
    }))

  it('prints where an error came from only when asked', () =>
    Place.with(async (place) => {
      const short = await place.run(['inspect'])
      const reason = `orbit: INVALID_ARGUMENT: there is no Orbit database in ${join(place.path, 'data')}; name its directory with --data-dir, or make one with \`orbit serve\` or \`orbit import --create\`\n`
      assert.deepEqual(short, ended(1, '', reason))
      const long = await place.run(['inspect', '--debug'])
      assert.ok(long.stderr.startsWith(reason))
      assert.match(long.stderr, /\n\s+at /)
    }))

  it('says so when the build is missing', () =>
    Place.with(async (place) => {
      await mkdir(join(place.path, 'bin'))
      const bin = join(place.path, 'bin', 'orbit.js')
      await copyFile(fileURLToPath(new URL('../bin/orbit.js', import.meta.url)), bin)
      assert.deepEqual(
        await place.run(['--version'], { bin }),
        ended(1, '', 'orbit: the build is missing; run `npm ci` and `npm run build` first\n'),
      )
    }))

  it('explains every command, with examples', () => {
    const shown: string[] = []
    const program = createProgram().configureOutput({ writeOut: (text) => shown.push(text) })
    const commands = program.commands.flatMap((command) =>
      command.commands.length > 0 ? command.commands : [command],
    )
    assert.deepEqual(
      commands.map((command) => command.name()),
      ['serve', 'dev-cluster', 'import', 'export', 'inspect', 'bench', 'check', 'show', 'providers'],
    )
    for (const command of commands) {
      shown.length = 0
      command.configureOutput({ writeOut: (text) => shown.push(text) }).outputHelp()
      assert.match(shown.join(''), /\nExamples:\n {2}orbit /, command.name())
      // The development cluster has no store but its own.
      const takesStore = command.name() !== 'dev-cluster'
      for (const option of ['--config', '--data-dir', '--storage', '--pd-endpoints'])
        assert.equal(shown.join('').includes(`  ${option} <`), takesStore, `${command.name()} ${option}`)
      for (const option of ['--log-level', '--log-format', '--debug'])
        assert.ok(shown.join('').includes(`  ${option} `), `${command.name()} ${option}`)
    }
  })
})
