import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Del, DO_PESSIMISTIC_CHECK, Lock, MvccDriver, Put } from './mvcc-driver.test.fixture.js'

const KEYS = ['a', 'b', 'c', 'd', 'e']

type Step =
  | {
      readonly kind: 'transaction'
      readonly writes: readonly Write[]
      readonly pessimistic: boolean
      readonly asyncCommit: boolean
    }
  | { readonly kind: 'rollback'; readonly key: string; readonly protect: boolean; readonly locked: boolean }
  | { readonly kind: 'collect'; readonly behind: number }

interface Write {
  readonly key: string
  readonly op: typeof Put | typeof Del | typeof Lock
  readonly value: string
}

const write: fc.Arbitrary<Write> = fc.record({
  key: fc.constantFrom(...KEYS),
  op: fc.constantFrom(Put, Put, Del, Lock),
  value: fc.oneof(fc.string({ maxLength: 3 }), fc.constant('x'.repeat(300))),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('transaction' as const),
      writes: fc.uniqueArray(write, { minLength: 1, maxLength: 4, selector: ({ key }) => key }),
      pessimistic: fc.boolean(),
      asyncCommit: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('rollback' as const),
      key: fc.constantFrom(...KEYS),
      protect: fc.boolean(),
      locked: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('collect' as const), behind: fc.nat(20) }) },
)

/** What every key was at every time, the simple way. */
class Model {
  readonly #versions = new Map<string, { readonly ts: number; readonly value: string | undefined }[]>()
  safePoint = 0

  set(key: string, ts: number, value: string | undefined): void {
    const versions = this.#versions.get(key) ?? []
    this.#versions.set(key, [...versions, { ts, value }])
  }

  value(key: string, ts: number): string | undefined {
    return (this.#versions.get(key) ?? []).filter((version) => version.ts <= ts).at(-1)?.value
  }

  rows(ts: number): string[] {
    return KEYS.flatMap((key) => {
      const value = this.value(key, ts)
      return value === undefined ? [] : [`${key}=${value}`]
    })
  }
}

async function apply(driver: MvccDriver, model: Model, step: Step, nextTs: () => number): Promise<void> {
  if (step.kind === 'collect') {
    model.safePoint = Math.max(model.safePoint, nextTs() - step.behind)
    driver.store.collectGarbage(BigInt(model.safePoint))
    return
  }
  const startTs = nextTs()
  if (step.kind === 'rollback') {
    if (step.locked) await driver.mustPrewrite({ [step.key]: 'x'.repeat(400) }, startTs)
    if (step.protect) await driver.cleanup(step.key, startTs, 0)
    else await driver.mustRollback(step.key, startTs)
    return
  }
  const keys = step.writes.map(({ key }) => key)
  const forUpdateTs = BigInt(nextTs())
  if (step.pessimistic) await driver.mustLock(keys, startTs, forUpdateTs)
  const mutations = step.writes.map(({ key, op, value }) => ({
    op,
    key: Buffer.from(key),
    value: op === Put ? Buffer.from(value) : Buffer.alloc(0),
    assertion: 0 as const,
  }))
  const { minCommitTs } = await driver.mustPrewrite(mutations, startTs, {
    ...(step.pessimistic && { forUpdateTs, action: DO_PESSIMISTIC_CHECK }),
    useAsyncCommit: step.asyncCommit,
    secondaries: mutations.slice(1).map(({ key }) => key),
  })
  // A calculated commit timestamp may be that of a transaction that is going to start.
  const commitTs = step.asyncCommit ? Number(minCommitTs) : nextTs()
  await driver.mustCommit(keys, startTs, commitTs)
  for (const { key, op, value } of step.writes) {
    if (op !== Lock) model.set(key, commitTs, op === Put ? value : undefined)
  }
}

describe('snapshot reads', () => {
  it('agree with a simple model at every time, whatever was written, rolled back and collected', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const driver = new MvccDriver()
        const model = new Model()
        let ts = 0
        for (const step of steps) await apply(driver, model, step, () => (ts += 2))
        for (let readTs = model.safePoint; readTs <= ts + 2; readTs++) {
          const expected = model.rows(readTs)
          assert.deepEqual(driver.rows('', '', readTs), expected)
          assert.deepEqual(driver.rows('', 'z', readTs, { reverse: true }), [...expected].reverse())
          for (const key of KEYS) assert.equal(driver.value(key, readTs), model.value(key, readTs))
        }
      }),
      { numRuns: 150 },
    )
  })
})
