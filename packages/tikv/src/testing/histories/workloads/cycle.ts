import { payloadOf, nameOf, writtenBy, type Anomaly, type HistoryTransaction } from '../history.js'
import type { HistoryOperations } from '../recorder.js'
import { numberedKeys, type Step, type Workload } from '../workload.js'
import type { Dice } from '../dice.js'

const RANGE = { start: 'ring/', end: 'ring0' }
const KEYS = numberedKeys('ring/', 8)

/** Every key names its successor, and all form one ring; transactions take two neighbours and change their order. */
export const cycle: Workload = {
  name: 'cycle',
  range: RANGE,
  splitKeys: KEYS,
  initial: new Map(KEYS.map((key, at) => [key, KEYS[(at + 1) % KEYS.length] ?? ''])),
  next: (dice) => (dice.chance(0.3) ? walk(dice) : swap(dice)),
  check: (history, final) => [
    ...history.flatMap((transaction) => checkWalk(transaction)),
    ...checkRing('the final state', final),
  ],
}

/** `a → b → c → d` becomes `a → c → b → d`. */
function swap(dice: Dice): Step {
  const a = dice.pick(KEYS)
  return {
    label: 'swap',
    async run(operations) {
      const b = await successor(operations, a)
      const c = await successor(operations, b)
      const d = await successor(operations, c)
      operations.put(a, writtenBy(operations.id, c))
      operations.put(c, writtenBy(operations.id, b))
      operations.put(b, writtenBy(operations.id, d))
    },
  }
}

async function successor(operations: HistoryOperations, key: string): Promise<string> {
  const value = await operations.getForUpdate(key)
  return value === undefined ? '' : payloadOf(value)
}

function walk(dice: Dice): Step {
  const scans = dice.chance(0.5)
  return {
    label: 'walk',
    async run(operations) {
      if (scans) await operations.scan(RANGE.start, RANGE.end)
      else await operations.getAll(KEYS)
    },
  }
}

function checkWalk(transaction: HistoryTransaction): Anomaly[] {
  const { label, operations } = transaction
  if (label !== 'walk' || operations.length === 0) return []
  const rows = operations.flatMap((operation) => {
    if (operation.kind === 'range') return [...operation.rows]
    return operation.kind === 'read' && operation.value !== undefined
      ? [[operation.key, operation.value] as const]
      : []
  })
  return checkRing(nameOf(transaction), new Map(rows))
}

function checkRing(who: string, values: ReadonlyMap<string, string>): Anomaly[] {
  const seen = new Set<string>()
  let at = KEYS[0] ?? ''
  while (!seen.has(at) && values.has(at)) {
    seen.add(at)
    at = payloadOf(values.get(at) ?? '')
  }
  if (seen.size === KEYS.length && at === KEYS[0] && values.size === KEYS.length) return []
  const shown = [...values].map(([key, value]) => `${key}→${value}`).join(' ')
  return [
    { kind: 'broken-ring', detail: `${who} saw ${seen.size} of ${KEYS.length} keys in a ring: ${shown}` },
  ]
}
