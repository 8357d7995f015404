/**
 * The keys that cross-store transactions use in the stores they span, below the storage layer's own facts:
 *
 *     _ distributed.identity               who the decision log is (random, made once)
 *     _ distributed.c.{id}                 decision log: the coordinator's record of a transaction
 *     _ distributed.p.{id}                 participant: a prepared transaction
 *     _ distributed.k.{id}.{number}        participant: the keys it prepared, in pieces
 *     _ distributed.i.{key}                participant: the intent on a key
 */
import { compareBytes, concatBytes } from '@orbit-ts/base'
import { internalKeys } from '../keys/catalog-keys.js'
import { prefixRange } from '../keys/key-range.js'
import type { KeyRange } from '../provider.js'

const under = (name: string): Uint8Array => internalKeys.fact(`distributed.${name}`)

const RESERVED_PREFIX = under('')
const RESERVED = prefixRange(RESERVED_PREFIX)
const INTENT_PREFIX = under('i.')

/** How much shorter than the store's longest key a key must be so that an intent on it fits. */
export const INTENT_KEY_EXTRA_BYTES = INTENT_PREFIX.byteLength

export const distributedKeys = {
  identity: under('identity'),
  decision: (id: string): Uint8Array => under(`c.${id}`),
  decisions: prefixRange(under('c.')),
  prepared: (id: string): Uint8Array => under(`p.${id}`),
  allPrepared: prefixRange(under('p.')),
  keyList: (id: string, number: number): Uint8Array => under(`k.${id}.${String(number).padStart(8, '0')}`),
  keyLists: (id: string): KeyRange => prefixRange(under(`k.${id}.`)),
  intent: (key: Uint8Array): Uint8Array => concatBytes(INTENT_PREFIX, key),
} as const

/** True for a key that belongs to cross-store transactions: users of a guarded store neither see nor write it. */
export function isReserved(key: Uint8Array): boolean {
  return (
    key.byteLength >= RESERVED_PREFIX.byteLength &&
    compareBytes(key.subarray(0, RESERVED_PREFIX.byteLength), RESERVED_PREFIX) === 0
  )
}

/** True when the range may contain reserved keys. */
export function meetsReserved(range: KeyRange): boolean {
  const { start, end } = RESERVED
  const endsBefore = range.end !== undefined && start !== undefined && compareBytes(range.end, start) <= 0
  const startsAfter = range.start !== undefined && end !== undefined && compareBytes(range.start, end) >= 0
  return !endsBefore && !startsAfter
}
