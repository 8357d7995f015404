import { writtenBy } from '../history.js'
import { checkListAppend, listOf } from '../list-append-checker.js'
import type { HistoryOperations } from '../recorder.js'
import { numberedKeys, type Step, type Workload } from '../workload.js'
import type { Dice } from '../dice.js'

const RANGE = { start: 'list/', end: 'list0' }
const KEYS = numberedKeys('list/', 5)

/** Transactions read lists and append to them; the lists tell in which order that was. */
export const listAppend: Workload = {
  name: 'list-append',
  range: RANGE,
  splitKeys: KEYS,
  initial: new Map(),
  next: (dice) => (dice.chance(0.25) ? look(dice) : change(dice)),
  check: (history, final, level) =>
    checkListAppend(history, new Map(KEYS.map((key) => [key, listOf(final.get(key))])), level),
}

function look(dice: Dice): Step {
  const keys = dice.sample(KEYS, dice.between(2, KEYS.length))
  const together = dice.chance(0.5)
  return {
    label: 'look',
    async run(operations) {
      if (together) await operations.getAll(keys)
      else for (const key of keys) await operations.get(key)
    },
  }
}

function change(dice: Dice): Step {
  const plan = Array.from({ length: dice.between(1, 4) }, () => ({
    key: dice.pick(KEYS),
    appends: dice.chance(0.6),
  }))
  return {
    label: 'change',
    async run(operations) {
      // A transaction that locks takes all that it reads with locks, so that its reads are of one moment.
      for (const [at, { key, appends }] of plan.entries()) {
        const list = listOf(await operations.getForUpdate(key))
        if (appends) append(operations, key, list, `${operations.id}.${at}`)
      }
    },
  }
}

function append(operations: HistoryOperations, key: string, list: readonly string[], element: string): void {
  operations.put(key, writtenBy(operations.id, [...list, element].join(',')))
}
