/** What the fault runs check would be found: damage is done by hand, where nothing fails. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Dice, type Outcome } from '@orbit-ts/tikv/testing/histories'
import { openDatabase, type Database } from '../database.js'
import { Attempt } from './attempt.test.data.js'
import { cells } from './cell.test.data.js'
import { claims } from './claims.test.data.js'
import { definitions } from './definitions.test.data.js'
import type { Ended, FaultWorkload, Step } from './fault-workload.test.data.js'
import { lists } from './lists.test.data.js'
import { money } from './money.test.data.js'
import { audit, layoutOf } from '../models/relational/table-database.test.data.js'

/** The kinds of anomalies that are found once `damage` is done. */
async function kindsFound(
  workload: FaultWorkload,
  damage: (db: Database, run: (step: Step, outcome: Outcome) => Promise<Ended>) => Promise<readonly Ended[]>,
): Promise<ReadonlySet<string>> {
  await using db = await openDatabase({ storage: { kind: 'memory' }, schema: workload.schema })
  await db.transaction((tx) => workload.fill(tx))
  let moment = 0
  const run = async (step: Step, outcome: Outcome): Promise<Ended> => {
    const attempt = new Attempt(++moment, 'db', step.label, ++moment)
    if (step.schema === undefined) await db.transaction((tx) => step.run(tx, attempt))
    else await db.apply([step.schema])
    return { attempt, transaction: attempt.closed(++moment, outcome, undefined) }
  }
  const found = await workload.check(db, await damage(db, run), 'serializable')
  return new Set(found.map(({ kind }) => kind))
}

/** The next step of this kind. */
function stepOf(workload: FaultWorkload, kind: string, seed = 1): Step {
  const dice = new Dice(seed)
  for (;;) {
    const step = workload.next(dice)
    if (step.label.startsWith(kind)) return step
  }
}

const ROW = 0

describe('what fault runs check', () => {
  for (const workload of [lists, money, claims, definitions]) {
    it(`${workload.name}: nothing is found where all is well`, async () => {
      const dice = new Dice(7)
      const found = await kindsFound(workload, async (_db, run) => {
        const ended: Ended[] = []
        for (let at = 0; at < 30; at++) {
          const step = workload.next(dice)
          // What the data refuses has not happened.
          const one = await run(step, 'committed').catch(() => undefined)
          if (one !== undefined) ended.push(one)
        }
        return ended
      })
      assert.deepEqual(found, new Set())
    })
  }

  it('finds a list that has lost an element', async () => {
    const found = await kindsFound(lists, async (db, run) => {
      const one = await run(stepOf(lists, 'change', 4), 'committed')
      await db.transaction(async (tx) => {
        for (const cell of cells) await cell.put(tx, '#0')
      })
      return [one]
    })
    assert.deepEqual(found, new Set(['lost-write']))
  })

  it('finds what a failed transaction has left', async () => {
    assert.deepEqual(
      await kindsFound(lists, async (_db, run) => [await run(stepOf(lists, 'change', 4), 'aborted')]),
      new Set(['aborted-write']),
    )
    assert.deepEqual(
      await kindsFound(claims, async (_db, run) => [await run(stepOf(claims, 'claim'), 'aborted')]),
      new Set(['aborted-write']),
    )
  })

  it('finds money that was lost', async () => {
    const found = await kindsFound(money, async (db) => {
      await db.transaction(async (tx) => cells[ROW]?.put(tx, '99'))
      return []
    })
    assert.deepEqual(found, new Set(['total']))
  })

  it('finds an index that lacks a row, and a row that was written by a transaction that failed', async () => {
    const found = await kindsFound(definitions, async (db, run) => {
      const { schema } = stepOf(definitions, 'redefine 1')
      if (schema !== undefined) await db.apply([schema])
      const one = await run(stepOf(definitions, 'add'), 'committed')
      const layout = await layoutOf(db, 'shapes')
      const [row] = (await audit(db, 'shapes')).slice(-1)
      const entry = row && layout.indexes[0]?.entry(row)
      if (entry !== undefined) await db.storage.write([{ type: 'delete', key: entry.key }])
      return [one]
    })
    assert.deepEqual(found, new Set(['index']))
    assert.deepEqual(
      await kindsFound(definitions, async (_db, run) => [await run(stepOf(definitions, 'add'), 'aborted')]),
      new Set(['aborted-write']),
    )
  })

  it('finds a claim that is half there, and one that is gone', async () => {
    const torn = await kindsFound(claims, async (db, run) => {
      const one = await run(stepOf(claims, 'claim'), 'committed')
      await db.collection('papers').delete(`claim-${one.attempt.id}`)
      return [one]
    })
    assert.deepEqual(torn, new Set(['torn']))
    const lost = await kindsFound(claims, async (_db, run) => {
      const claimed = await run(stepOf(claims, 'claim'), 'committed')
      await run(stepOf(claims, `release ${claimed.attempt.label.split(' ')[1]}`), 'committed')
      return [claimed]
    })
    assert.deepEqual(lost, new Set(['lost-write']))
  })
})
