import { hasCode, OrbitError, toHex, type ErrorCode, type ErrorDetails } from '@orbit-ts/base'
import { conflictOf, deadlockOf, existingKeyOf, type WriteConflictFacts } from '@orbit-ts/tikv'
import type { TikvKeys } from './tikv-keys.js'

/** Out of reach for now: running the unit of work again may succeed. */
const UNREACHABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PD_UNAVAILABLE',
  'REGION_UNAVAILABLE',
  'STORE_UNAVAILABLE',
  'SERVER_BUSY',
  'RPC_FAILED',
  'RPC_TIMEOUT',
])

/** What kept a call that was aborted from being done until then: a store that could not be reached. */
export function outageBehind(thrown: unknown): OrbitError | undefined {
  if (!hasCode(thrown, 'ABORTED')) return undefined
  const { failure, failureReason } = thrown.details
  const code = [...UNREACHABLE].find((one) => one === failure)
  if (code === undefined) return undefined
  return new OrbitError('STORAGE_UNAVAILABLE', String(failureReason), { reason: code }, { cause: thrown })
}

/** Errors that say what they mean in the terms of the storage contract already. */
const settled = new WeakSet<OrbitError>()

/** An error of the provider's own, about keys as the caller knows them. */
export function ownError(code: ErrorCode, reason: string, details: ErrorDetails): OrbitError {
  return settle(new OrbitError(code, reason, details))
}

/** Leaves the error as it is from here on. */
export function settle(error: OrbitError): OrbitError {
  settled.add(error)
  return error
}

/** One that waits, and for whom, in a deadlock. */
export type NameTransaction = (startTs: bigint) => string

/** An error of the client as the storage contract has it: its codes, and keys without namespace in hexadecimal. */
export function tikvError(thrown: unknown, keys: TikvKeys, nameOf: NameTransaction = String): OrbitError {
  const error = OrbitError.from(thrown)
  if (settled.has(error)) return error
  const { code } = error
  if (UNREACHABLE.has(code)) return as(error, 'STORAGE_UNAVAILABLE', { ...error.details, reason: code })
  if (code === 'CLIENT_CLOSED') return as(error, 'STORAGE_CLOSED', {})
  if (code === 'RAFT_ENTRY_TOO_LARGE') return as(error, 'TRANSACTION_TOO_LARGE', error.details)
  if (code === 'TRANSACTION_ABORTED')
    return new OrbitError(
      'TRANSACTION_CONFLICT',
      'the servers have rolled the transaction back, as when its locks had run out; run it again',
      { reason: 'aborted-by-servers' },
      { cause: error },
    )
  if (code === 'TRANSACTION_DEADLOCK') return deadlock(error, keys, nameOf)
  if (code === 'TRANSACTION_CONFLICT') {
    const facts = conflictOf(error)
    return facts === undefined
      ? as(error, code, { ...error.details, ...keyOf(error, keys, undefined) })
      : writeConflict(error, keys, facts)
  }
  if (code === 'KEY_EXISTS') return as(error, code, keyOf(error, keys, existingKeyOf(error)))
  if (code === 'LOCK_NOT_AVAILABLE' || code === 'LOCK_TIMEOUT') {
    return as(error, code, { ...error.details, ...keyOf(error, keys, undefined) })
  }
  return error
}

/** As of the other providers; what the servers said is the cause. */
function writeConflict(error: OrbitError, keys: TikvKeys, { key }: WriteConflictFacts): OrbitError {
  return conflictOn(keys.has(key) ? keys.decode(key) : key, error)
}

function conflictOn(key: Uint8Array, cause?: OrbitError): OrbitError {
  const reason = 'write-conflict'
  return new OrbitError(
    'TRANSACTION_CONFLICT',
    `key ${toHex(key, 64)}: ${reason} with a transaction that committed after this one's first read; run it again`,
    { key: toHex(key), reason },
    cause === undefined ? undefined : { cause },
  )
}

/** Of a commit that would come too late, as the servers would say. */
export function knownConflict(key: Uint8Array): OrbitError {
  return settle(conflictOn(key))
}

function deadlock(error: OrbitError, keys: TikvKeys, nameOf: NameTransaction): OrbitError {
  const chain = deadlockOf(error)?.waitChain ?? []
  const cycle = chain.map(({ startTs, waitsForStartTs, key }) => ({
    transaction: nameOf(startTs),
    waitsFor: nameOf(waitsForStartTs),
    key: toHex(keys.decode(key)),
  }))
  return as(error, 'TRANSACTION_DEADLOCK', { ...error.details, cycle })
}

/** The key as the caller knows it. What the message says in full is only known from its hexadecimal digits. */
function keyOf(error: OrbitError, keys: TikvKeys, known: Uint8Array | undefined): ErrorDetails {
  const text = error.details['key']
  const encoded =
    known ??
    (typeof text === 'string' && /^([0-9a-f]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined)
  return encoded !== undefined && keys.has(encoded) ? { key: toHex(keys.decode(encoded)) } : {}
}

function as(error: OrbitError, code: ErrorCode, details: ErrorDetails): OrbitError {
  return new OrbitError(code, error.reason, details, { cause: error })
}
