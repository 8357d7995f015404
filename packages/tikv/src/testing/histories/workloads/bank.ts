import type { Dice } from '../dice.js'
import { nameOf, payloadOf, writtenBy, type Anomaly, type HistoryTransaction } from '../history.js'
import type { HistoryOperations } from '../recorder.js'
import { numberedKeys, type Step, type Workload } from '../workload.js'

const RANGE = { start: 'bank/', end: 'bank0' }
const ACCOUNTS = numberedKeys('bank/', 6)
const OPENING_BALANCE = 100
const TOTAL = ACCOUNTS.length * OPENING_BALANCE

/** Money moves between accounts; whoever looks at all of them sees the same sum. An empty account is deleted. */
export const bank: Workload = {
  name: 'bank',
  range: RANGE,
  splitKeys: ACCOUNTS,
  initial: new Map(ACCOUNTS.map((key) => [key, String(OPENING_BALANCE)])),
  next: (dice) => (dice.chance(0.3) ? audit(dice) : transfer(dice)),
  check: (history, final) => [
    ...history.flatMap((transaction) => checkAudit(transaction)),
    ...checkSum('the final state', [...final.values()]),
  ],
}

function transfer(dice: Dice): Step {
  const [from = '', to = ''] = dice.sample(ACCOUNTS, 2)
  const wanted = dice.between(1, 60)
  return {
    label: 'transfer',
    async run(operations) {
      const balance = balanceOf(await operations.getForUpdate(from))
      const amount = Math.min(balance, wanted)
      const other = balanceOf(await operations.getForUpdate(to))
      if (amount === 0) return
      setBalance(operations, from, balance - amount)
      setBalance(operations, to, other + amount)
    },
  }
}

function setBalance(operations: HistoryOperations, key: string, balance: number): void {
  if (balance === 0) operations.delete(key)
  else operations.put(key, writtenBy(operations.id, String(balance)))
}

/** The ways to look at all accounts. */
const auditors: readonly Step[] = [
  { label: 'audit-scan', run: async (operations) => void (await operations.scan(RANGE.start, RANGE.end)) },
  {
    label: 'audit-reverse',
    run: async (operations) => void (await operations.scan(RANGE.start, RANGE.end, { reverse: true })),
  },
  { label: 'audit-batch', run: async (operations) => void (await operations.getAll(ACCOUNTS)) },
  {
    label: 'audit-single',
    async run(operations) {
      for (const key of ACCOUNTS) await operations.get(key)
    },
  },
]

function audit(dice: Dice): Step {
  return dice.pick(auditors)
}

function balanceOf(value: string | undefined): number {
  return value === undefined ? 0 : Number(payloadOf(value))
}

function checkAudit(transaction: HistoryTransaction): Anomaly[] {
  if (!transaction.label.startsWith('audit')) return []
  const { operations } = transaction
  const range = operations.find((operation) => operation.kind === 'range')
  if (range !== undefined)
    return checkSum(
      nameOf(transaction),
      range.rows.map(([, value]) => value),
    )
  const reads = operations.filter((operation) => operation.kind === 'read')
  // One that failed half-way says nothing.
  if (reads.length < ACCOUNTS.length) return []
  return checkSum(
    nameOf(transaction),
    reads.map(({ value }) => value),
  )
}

function checkSum(who: string, values: readonly (string | undefined)[]): Anomaly[] {
  const sum = values.map(balanceOf).reduce((a, b) => a + b, 0)
  const negative = values.some((value) => balanceOf(value) < 0)
  if (sum === TOTAL && !negative) return []
  return [{ kind: 'bank-total', detail: `${who} saw ${sum} and not ${TOTAL}: ${values.join(' ')}` }]
}
