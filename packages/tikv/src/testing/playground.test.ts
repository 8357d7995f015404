import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runPlayground } from './playground.js'

async function run(args: string[]): Promise<{ code: number; text: string }> {
  let text = ''
  const surroundings = { write: (part: string) => void (text += part), stopped: async () => undefined }
  return { code: await runPlayground(args, surroundings), text }
}

describe('runPlayground', () => {
  it('starts on ports of its own, says how to connect, and stops', async () => {
    const { code, text } = await run(['--pd-port', '0', '--store-port=0', '--stores', '2', '--pd', '2'])
    assert.equal(code, 0)
    assert.match(
      text,
      /^PD {6}127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+\n {2}store 1 {2}127\.0\.0\.1:\d+\n {2}store 2 /,
    )
    assert.match(text, /pdEndpoints: \['127\.0\.0\.1:\d+', '127\.0\.0\.1:\d+'\]/)
    assert.match(text, /stopped\n$/)
  })

  it('explains itself', async () => {
    const { code, text } = await run(['--help'])
    assert.equal(code, 0)
    assert.match(text, /--stores <n>/)
  })

  it('refuses what it does not know, and says what to give instead', async () => {
    const wrong: [string[], RegExp][] = [
      [['--store', '2'], /unknown flag --store; did you mean "stores"/],
      [['--stores', 'many'], /--stores is many; give a whole number from 1 to 100/],
      [['--api-version', 'v9'], /--api-version is v9; give v1, v1ttl or v2/],
      [['--pd-port=70000'], /--pd-port is 70000/],
      [['--keyspace', 'red'], /--keyspace needs --api-version v2, and it is v1/],
      [['extra'], /extra/],
    ]
    for (const [args, message] of wrong) {
      const { code, text } = await run(args)
      assert.equal(code, 1)
      assert.match(text, message)
    }
  })
})
