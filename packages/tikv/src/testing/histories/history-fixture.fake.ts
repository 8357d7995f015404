import type { HistoryTransaction, Operation, Version } from './history.js'
import { writtenBy } from './history.js'

/** A transaction of a hand-made history, committed unless said otherwise; they follow each other by `id`. */
export function transaction(
  id: number,
  operations: readonly Operation[],
  changes: Partial<HistoryTransaction> = {},
): HistoryTransaction {
  return {
    id,
    client: 'c1',
    label: 'test',
    mode: 'optimistic',
    isolation: 'snapshot',
    traits: [],
    startTs: BigInt(id * 10),
    commitTs: operations.some(({ kind }) => kind === 'write') ? BigInt(id * 10 + 5) : undefined,
    begunAt: id * 10,
    endedAt: id * 10 + 5,
    outcome: 'committed',
    error: undefined,
    operations,
    ...changes,
  }
}

export function read(key: string, value: string | undefined, locked = false): Operation {
  return { kind: 'read', key, value, locked }
}

export function write(key: string, value: string | undefined): Operation {
  return { kind: 'write', key, value }
}

export function range(start: string, end: string, rows: Readonly<Record<string, string>>): Operation {
  return { kind: 'range', start, end, rows: Object.entries(rows) }
}

/** A read of a list whose elements are `<transaction>` or `<transaction>.<n>`. */
export function readList(key: string, ...elements: readonly string[]): Operation {
  return read(key, elements.length === 0 ? undefined : listValue(elements))
}

/** The list with what the transaction appended. */
export function writeList(key: string, ...elements: readonly string[]): Operation {
  return write(key, listValue(elements))
}

function listValue(elements: readonly string[]): string {
  return writtenBy(Number.parseInt(elements.at(-1) ?? '0', 10), elements.join(','))
}

/** The version that `transaction(id, …)` leaves. */
export function version(id: number, value: string | undefined): Version {
  return { startTs: BigInt(id * 10), commitTs: BigInt(id * 10 + 5), value }
}

/** Runs at the same time as every other one that has this. */
export const CONCURRENT = { begunAt: 1, endedAt: 1000 } as const
