import { nameOf, payloadOf, writtenBy, type Anomaly, type HistoryTransaction } from '../history.js'
import { numberedKeys, type Step, type Workload } from '../workload.js'
import type { Dice } from '../dice.js'

const RANGE = { start: 'pair/', end: 'pair0' }
const PAIRS = numberedKeys('pair/duty/', 3)
const ROOMS = numberedKeys('pair/room/', 3)
const PEOPLE = ['a', 'b'] as const
/** After every key of a room. */
const END = '~'

/**
 * Two rules that hold only if transactions run as though one after the other: of two people on duty one stays (write
 * skew), and a room is booked once (phantoms).
 */
export const pairs: Workload = {
  name: 'pairs',
  range: RANGE,
  splitKeys: [...PAIRS.map((pair) => `${pair}/b`), ...ROOMS],
  initial: new Map(PAIRS.flatMap((pair) => PEOPLE.map((person) => [`${pair}/${person}`, 'on'] as const))),
  next: (dice) => dice.pick([leave, leave, come, book, book, free, look])(dice),
  check: (history, final, level) => {
    if (level === 'snapshot') return []
    return [
      ...history.flatMap((transaction) => checkLook(transaction)),
      ...checkRows('the final state', [...final]),
    ]
  },
}

function leave(dice: Dice): Step {
  const pair = dice.pick(PAIRS)
  const [leaver = 'a', other = 'b'] = dice.sample(PEOPLE, 2)
  const locks = dice.chance(0.5)
  return {
    label: 'leave',
    async run(operations) {
      const both = [`${pair}/${leaver}`, `${pair}/${other}`]
      const values = locks
        ? [await operations.getForUpdate(both[0] ?? ''), await operations.get(both[1] ?? '')]
        : await operations.getAll(both)
      if (values.every(isOn)) operations.put(`${pair}/${leaver}`, writtenBy(operations.id, 'off'))
    },
  }
}

function come(dice: Dice): Step {
  const key = `${dice.pick(PAIRS)}/${dice.pick(PEOPLE)}`
  return {
    label: 'come',
    async run(operations) {
      if (!isOn(await operations.getForUpdate(key))) operations.put(key, writtenBy(operations.id, 'on'))
    },
  }
}

function book(dice: Dice): Step {
  const room = dice.pick(ROOMS)
  return {
    label: 'book',
    async run(operations) {
      const bookings = await operations.scan(`${room}/`, `${room}/${END}`)
      const key = `${room}/${String(operations.id).padStart(5, '0')}`
      if (bookings.length === 0) operations.put(key, writtenBy(operations.id, 'booked'))
    },
  }
}

function free(dice: Dice): Step {
  const room = dice.pick(ROOMS)
  const reverse = dice.chance(0.5)
  return {
    label: 'free',
    async run(operations) {
      for (const [key] of await operations.scan(`${room}/`, `${room}/${END}`, { reverse }))
        operations.delete(key)
    },
  }
}

function look(): Step {
  return {
    label: 'look',
    run: async (operations) => void (await operations.scan(RANGE.start, RANGE.end)),
  }
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && payloadOf(value) === 'on'
}

function checkLook(transaction: HistoryTransaction): Anomaly[] {
  if (transaction.label !== 'look') return []
  return transaction.operations.flatMap((operation) =>
    operation.kind === 'range' ? checkRows(nameOf(transaction), operation.rows) : [],
  )
}

function checkRows(who: string, rows: readonly (readonly [string, string])[]): Anomaly[] {
  const onDuty = (pair: string): boolean => rows.some(([key, value]) => key.startsWith(pair) && isOn(value))
  const bookings = (room: string): number => rows.filter(([key]) => key.startsWith(room)).length
  return [
    ...PAIRS.filter((pair) => !onDuty(pair)).map((pair) => ({
      kind: 'write-skew',
      detail: `${who} saw nobody on duty in ${pair}`,
    })),
    ...ROOMS.filter((room) => bookings(room) > 1).map((room) => ({
      kind: 'phantom',
      detail: `${who} saw ${bookings(room)} bookings of ${room}`,
    })),
  ]
}
