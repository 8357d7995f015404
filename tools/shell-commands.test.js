// @ts-check
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commandsOf, shellProblems } from './shell-commands.js'

const known = {
  scripts: new Set(['start', 'test', 'bench']),
  orbitHelp: (/** @type {readonly string[]} */ path) =>
    ({
      '': 'Options:\n  --debug  x\n\nCommands:\n  serve [options]  run\n  config          x\n                  or y\n',
      serve: 'Options:\n  --http-port <n>  see --http\n\nExamples:\n  orbit serve',
      config: 'Commands:\n  show  x',
      'config show': '--origin',
    })[path.join(' ')] ?? '',
  isVariable: (/** @type {string} */ name) => name === 'ORBIT_LOG_LEVEL',
  programs: new Set(['orbit-fair']),
  exists: (/** @type {string} */ path) => path === 'tools/x.js',
}

describe('commandsOf', () => {
  it('splits lines, pipes and lists, but not quoted text', () => {
    assert.deepEqual(
      commandsOf("A=1 npm ci && npm start -- --x # note\ncurl 'a&&b' | cd x\nnpm \\\n  test"),
      [
        ['A=1', 'npm', 'ci'],
        ['npm', 'start', '--', '--x'],
        ['curl', 'a&&b'],
        ['cd', 'x'],
        ['npm', 'test'],
      ],
    )
  })
})

describe('shellProblems', () => {
  it('accepts what exists', () => {
    const text =
      'ORBIT_LOG_LEVEL=debug npx orbit serve --http-port 1\norbit config show --origin\norbit --debug\nnpx orbit-fair --x\nnpm run bench\nnode --test tools/x.js\ncurl -s http://x'
    assert.deepEqual(shellProblems(text, known), [])
  })

  it('names what does not', () => {
    const text =
      'ORBIT_LOG=1 npm run lnit\norbit sevre\norbit serve --port 1\norbit config shw\nbash no.sh\nwget x\nnpm tset'
    assert.deepEqual(shellProblems(text, known), [
      'there is no setting for ORBIT_LOG',
      'npm run: there is no script "lnit"',
      'orbit sevre: there is no such command',
      'orbit serve: there is no flag --port',
      'orbit config shw: there is no such command',
      'bash no.sh: there is no such file',
      '"wget" is not a command that the documentation may use',
      'npm tset: there is no script "tset"',
    ])
  })
})
