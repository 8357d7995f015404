import { compareBytes, OrbitError, toBinaryString, toHex } from '@orbit-ts/base'
import type { KeyRange, Reader } from '../provider.js'
import type { Unresolved } from './outcome-resolver.js'
import type { Participant } from './participant.js'

/** The keys whose value depends on transactions with an unknown outcome. Reading one fails; all others are open. */
export class ClosedKeys {
  readonly #reasons = new Map<string, { readonly key: Uint8Array; readonly reason: OrbitError }>()

  /** Undefined when there are none. */
  static async of(
    participant: Participant,
    reader: Reader,
    unknown: readonly Unresolved[],
  ): Promise<ClosedKeys | undefined> {
    if (unknown.length === 0) return undefined
    const closed = new ClosedKeys()
    for (const { record, reason } of unknown) {
      for (const key of await participant.keysOf(reader, record.id)) {
        closed.#reasons.set(toBinaryString(key), { key, reason })
      }
    }
    return closed
  }

  /** @throws STORAGE_UNAVAILABLE */
  requireOpen(keys: readonly Uint8Array[]): void {
    for (const key of keys) {
      const found = this.#reasons.get(toBinaryString(key))
      if (found !== undefined) throw closed(key, found.reason)
    }
  }

  /** @throws STORAGE_UNAVAILABLE */
  requireRangeOpen({ start, end }: KeyRange): void {
    for (const { key, reason } of this.#reasons.values()) {
      if (start !== undefined && compareBytes(key, start) < 0) continue
      if (end !== undefined && compareBytes(key, end) >= 0) continue
      throw closed(key, reason)
    }
  }
}

function closed(key: Uint8Array, reason: OrbitError): OrbitError {
  return new OrbitError(
    'STORAGE_UNAVAILABLE',
    `key ${toHex(key, 32)}: ${reason.reason}`,
    { ...reason.details, key: toHex(key) },
    { cause: reason },
  )
}
