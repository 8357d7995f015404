import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fromBinaryString, toBinaryString } from '@orbit-ts/base'
import fc from 'fast-check'
import type { LocalEngine } from '../../transaction/local-engine.js'
import type { Engines } from './engines.test.suite.js'
import { readRange } from './entries.test.suite.js'

type Command =
  | {
      readonly type: 'write'
      readonly batch: readonly (readonly [string, string | null])[]
      readonly sync: boolean
    }
  | {
      readonly type: 'scan'
      readonly start: string | null
      readonly end: string | null
      readonly reverse: boolean
      readonly count: number
    }
  | { readonly type: 'getMany'; readonly keys: readonly string[] }
  | { readonly type: 'reopen' }

/** Short strings of few distinct bytes, so that keys collide and are prefixes of each other. */
const keyArbitrary = fc.string({ unit: fc.constantFrom('\x00', 'a', '\x7f', '\x80', '\xff'), maxLength: 4 })

function commandArbitrary(persistent: boolean): fc.Arbitrary<Command> {
  const write: fc.Arbitrary<Command> = fc.record({
    type: fc.constant('write' as const),
    batch: fc.uniqueArray(
      fc.tuple(keyArbitrary, fc.option(fc.string({ unit: 'binary-ascii', maxLength: 20 }))),
      {
        selector: ([key]) => key,
        maxLength: 30,
      },
    ),
    sync: fc.boolean(),
  })
  const scan = fc.record({
    type: fc.constant('scan' as const),
    start: fc.option(keyArbitrary),
    end: fc.option(keyArbitrary),
    reverse: fc.boolean(),
    count: fc.integer({ min: 1, max: 40 }),
  })
  const getMany: fc.Arbitrary<Command> = fc.record({
    type: fc.constant('getMany' as const),
    keys: fc.array(keyArbitrary, { maxLength: 20 }),
  })
  const reopen: fc.Arbitrary<Command> = fc.constant({ type: 'reopen' as const })
  return fc.oneof(
    { weight: 5, arbitrary: write },
    { weight: 4, arbitrary: scan },
    { weight: 3, arbitrary: getMany },
    { weight: persistent ? 1 : 0, arbitrary: reopen },
  )
}

export function testModel(engines: Engines, persistent: boolean): void {
  it('agrees with an ordered map on random commands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commandArbitrary(persistent), { maxLength: 25 }), async (commands) => {
        const dataDir = engines.directory()
        const model = new Map<string, string>()
        let engine = await engines.open(dataDir)
        try {
          for (const command of commands) {
            if (command.type === 'reopen') {
              await engines.close(engine)
              engine = await engines.open(dataDir)
            } else {
              await runCommand(engine, model, command)
            }
          }
        } finally {
          await engines.close(engine)
        }
      }),
      { numRuns: 20 },
    )
  })
}

async function runCommand(
  engine: LocalEngine,
  model: Map<string, string>,
  command: Exclude<Command, { type: 'reopen' }>,
): Promise<void> {
  if (command.type === 'write') {
    const batch = command.batch.map(([key, value]) => ({
      key: fromBinaryString(key),
      value: value === null ? undefined : fromBinaryString(value),
    }))
    await engine.write(batch, { sync: command.sync })
    for (const [key, value] of command.batch) {
      if (value === null) model.delete(key)
      else model.set(key, value)
    }
  } else if (command.type === 'getMany') {
    const values = await engine.getMany(command.keys.map(fromBinaryString))
    assert.deepEqual(
      values.map((value) => (value === undefined ? undefined : toBinaryString(value))),
      command.keys.map((key) => model.get(key)),
    )
  } else {
    const range = {
      ...(command.start === null ? {} : { start: fromBinaryString(command.start) }),
      ...(command.end === null ? {} : { end: fromBinaryString(command.end) }),
    }
    const entries = await readRange(engine, range, { reverse: command.reverse, count: command.count })
    const inRange = [...model]
      .filter(
        ([key]) =>
          (command.start === null || key >= command.start) && (command.end === null || key < command.end),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1))
    assert.deepEqual(
      entries.map(({ key, value }) => [toBinaryString(key), toBinaryString(value)]),
      command.reverse ? inRange.reverse() : inRange,
    )
  }
}
