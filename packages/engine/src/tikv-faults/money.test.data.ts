import type { Anomaly, Dice } from '@orbit-ts/tikv/testing/histories'
import type { DatabaseTransaction } from '../txn/database-transaction.js'
import { cells, cellSchema } from './cell.test.data.js'
import type { Ended, FaultWorkload, Step } from './fault-workload.test.data.js'

const OPENING_BALANCE = 100
const TOTAL = cells.length * OPENING_BALANCE

/** Money moves between accounts in different models; whoever looks at all of them sees the same sum. */
export const money: FaultWorkload = {
  name: 'money across all models',
  schema: cellSchema,
  refusals: [],
  fill: async (tx) => {
    for (const cell of cells) await cell.create(tx, String(OPENING_BALANCE))
  },
  next: (dice) => (dice.chance(0.3) ? audit(dice) : transfer(dice)),
  check: async (db, ended) => {
    const tx: DatabaseTransaction = await db.begin()
    const final: number[] = []
    for (const cell of cells) final.push(Number(await cell.get(tx)))
    await tx.rollback()
    return [...ended.flatMap(checkAudit), ...checkSum('the final state', final)]
  },
}

function transfer(dice: Dice): Step {
  const [from, to] = dice.sample(cells, 2)
  const wanted = dice.between(1, 60)
  return {
    label: 'transfer',
    run: async (tx, attempt) => {
      if (from === undefined || to === undefined) return
      const balance = Number(await attempt.read(tx, from))
      const amount = Math.min(balance, wanted)
      const other = Number(await attempt.read(tx, to))
      await attempt.write(tx, from, String(balance - amount))
      await attempt.write(tx, to, String(other + amount))
    },
  }
}

function audit(dice: Dice): Step {
  const order = dice.sample(cells, cells.length)
  return {
    label: 'audit',
    run: async (tx, attempt) => {
      for (const cell of order) await attempt.read(tx, cell)
    },
  }
}

function checkAudit({ transaction }: Ended): Anomaly[] {
  const { label, operations, id, client } = transaction
  const reads = operations.flatMap((each) => (each.kind === 'read' ? [Number(each.value)] : []))
  // One that failed half-way says nothing.
  if (label !== 'audit' || reads.length < cells.length) return []
  return checkSum(`T${id} of ${client}`, reads)
}

function checkSum(who: string, balances: readonly number[]): Anomaly[] {
  const sum = balances.reduce((a, b) => a + b, 0)
  if (sum === TOTAL && balances.every((balance) => balance >= 0)) return []
  return [{ kind: 'total', detail: `${who} saw ${sum} and not ${TOTAL}: ${balances.join(' ')}` }]
}
