/** Data that nothing refers to any more: noted where it is given up, removed in steps afterwards. */
import type { KeyRange, Transaction } from '@orbit-ts/storage'
import { internalKeys } from '@orbit-ts/storage'

/** Ranges that still hold data, under the id of the object that had them. */
export const PURGE_PREFIX = 'purge/'

/** Start and end in hexadecimal; null is open. */
type HexRange = readonly [start: string | null, end: string | null]

/** The task that removes what version `version` of an object has given up, or all that it had. */
export function purgeTask(objectId: number, version?: number): string {
  return PURGE_PREFIX + (version === undefined ? String(objectId) : `${objectId}/${version}`)
}

/** Ranges of ids that are never used again, so it does not matter how late their data goes. */
export function notePurge(storage: Transaction, task: string, ranges: readonly KeyRange[]): void {
  const stored = ranges.map(({ start, end }): HexRange => [toHexOrNull(start), toHexOrNull(end)])
  storage.put(internalKeys.fact(task), encode(stored))
}

/** Removes up to `keysMax` keys; false when there are none left. */
export async function purgeStep(storage: Transaction, task: string, keysMax: number): Promise<boolean> {
  const key = internalKeys.fact(task)
  const stored = await storage.get(key)
  if (stored === undefined) return false
  const ranges = JSON.parse(Buffer.from(stored).toString()) as HexRange[]
  let removed = 0
  let last: Uint8Array | undefined
  for (const [index, [start, end]] of ranges.entries()) {
    const options = { keysOnly: true, limit: keysMax - removed }
    for await (const chunk of storage.scan(range(start, end), options)) {
      for (const entry of chunk) storage.delete(entry.key)
      removed += chunk.length
      last = chunk.at(-1)?.key
    }
    if (removed < keysMax) continue
    // The next step begins where this one ends: it need not walk over everything that is deleted.
    storage.put(key, encode([[toHexOrNull(last), end], ...ranges.slice(index + 1)]))
    return true
  }
  storage.delete(key)
  return false
}

const encode = (ranges: readonly HexRange[]): Uint8Array => Buffer.from(JSON.stringify(ranges))

const toHexOrNull = (bound: Uint8Array | undefined): string | null =>
  bound === undefined ? null : Buffer.from(bound).toString('hex')

function range(start: string | null, end: string | null): KeyRange {
  return {
    ...(start === null ? {} : { start: Buffer.from(start, 'hex') }),
    ...(end === null ? {} : { end: Buffer.from(end, 'hex') }),
  }
}
