import { defined, EMPTY_BYTES, equalBytes, toBinaryString } from '@orbit-ts/base'
import { Assertion, Op, PrewriteRequest_PessimisticAction, type Mutation } from '../../gen/kvrpcpb.js'
import type { Timestamp } from '../../timestamp.js'
import type { BufferEntry } from '../buffer/buffer-entry.js'
import type { BufferReader } from '../buffer/buffer-view.js'
import { assertedExistence, hasFlag, KeyFlag, presumesNotExists, type KeyFlags } from '../buffer/key-flags.js'

/** One key's part in a commit. Its message is made once, whatever is sent again. */
export interface PreparedMutation {
  readonly mutation: Mutation
  readonly action: PrewriteRequest_PessimisticAction
  /** Of a lock that was taken in spite of a newer version: what it must still have at prewrite. */
  readonly expectedForUpdateTs: Timestamp | undefined
  /** Key and value, bytes. */
  readonly bytes: number
}

export interface MutationRules {
  /** The transaction holds, or held, pessimistic locks. */
  readonly pessimistic: boolean
  readonly assertions: boolean
  /** The key that was locked first. Default: the first that takes a lock. */
  readonly primary?: Uint8Array | undefined
  readonly lockConstraints?: ReadonlyMap<string, Timestamp> | undefined
}

/** All that one commit writes, locks or checks. */
export interface MutationSet {
  /** The primary first, then in key order. */
  readonly items: readonly PreparedMutation[]
  readonly primary: Uint8Array
  readonly bytes: number
  readonly keyBytes: number
  /** Some keys are only checked: they are never locked. */
  readonly hasChecks: boolean
}

const { SKIP_PESSIMISTIC_CHECK, DO_PESSIMISTIC_CHECK, DO_CONSTRAINT_CHECK } =
  PrewriteRequest_PessimisticAction

/**
 * What the entries of a transaction become at commit; undefined when that is nothing.
 * Equivalent in client-go: `initKeysAndMutations`.
 */
export function prepareMutations(buffer: BufferReader, rules: MutationRules): MutationSet | undefined {
  const items: PreparedMutation[] = []
  let bytes = 0
  let keyBytes = 0
  let firstLocking = -1
  let hasChecks = false
  for (const entry of buffer.entries()) {
    const op = opOf(entry, rules.pessimistic)
    if (op === undefined) continue
    if (op === Op.CheckNotExists) hasChecks = true
    else if (firstLocking === -1) firstLocking = items.length
    const item = prepare(entry, op, rules)
    items.push(item)
    bytes += item.bytes
    keyBytes += entry.key.length
  }
  if (items.length === 0) return undefined
  const primaryAt = rules.primary === undefined ? Math.max(firstLocking, 0) : indexOfKey(items, rules.primary)
  const [primary] = items.splice(primaryAt, 1)
  const first = defined(primary, 'the primary among the mutations')
  items.unshift(first)
  return { items, primary: first.mutation.key, bytes, keyBytes, hasChecks }
}

export function keyOf(item: PreparedMutation): Uint8Array {
  return item.mutation.key
}

export function bytesOf(item: PreparedMutation): number {
  return item.bytes
}

/** Items that take a lock, and so have to be committed or rolled back. */
export function lockingItems(set: MutationSet): readonly PreparedMutation[] {
  return set.hasChecks ? set.items.filter(({ mutation }) => mutation.op !== Op.CheckNotExists) : set.items
}

function prepare(entry: BufferEntry, op: Op, rules: MutationRules): PreparedMutation {
  const { key, flags } = entry
  const writes = op === Op.Put || op === Op.Insert
  const value = writes && entry.kind === 'put' ? entry.value : EMPTY_BYTES
  const constraints = rules.lockConstraints
  return {
    mutation: { op, key, value, assertion: rules.assertions ? assertionOf(flags) : Assertion.None },
    action: actionOf(flags, rules.pessimistic),
    expectedForUpdateTs:
      constraints === undefined || constraints.size === 0 ? undefined : constraints.get(toBinaryString(key)),
    bytes: key.length + value.length,
  }
}

function opOf(entry: BufferEntry, pessimistic: boolean): Op | undefined {
  const { kind, flags } = entry
  const locked = hasFlag(flags, KeyFlag.Locked) ? Op.Lock : undefined
  if (kind === 'flags' || hasFlag(flags, KeyFlag.IgnoredInCommit)) return locked
  const mustNotExist = presumesNotExists(flags)
  if (kind === 'put') return mustNotExist ? Op.Insert : Op.Put
  if (mustNotExist && !pessimistic) return Op.CheckNotExists
  // Locking it has shown that the key has no value, so that there is nothing to delete.
  if (mustNotExist && locked !== undefined) return locked
  return hasFlag(flags, KeyFlag.NewlyInserted) ? locked : Op.Del
}

function actionOf(flags: KeyFlags, pessimistic: boolean): PrewriteRequest_PessimisticAction {
  if (!pessimistic) return SKIP_PESSIMISTIC_CHECK
  return hasFlag(flags, KeyFlag.Locked) ? DO_PESSIMISTIC_CHECK : DO_CONSTRAINT_CHECK
}

function assertionOf(flags: KeyFlags): Assertion {
  const asserted = assertedExistence(flags)
  if (asserted === 'exist') return Assertion.Exist
  return asserted === 'not-exist' ? Assertion.NotExist : Assertion.None
}

function indexOfKey(items: readonly PreparedMutation[], key: Uint8Array): number {
  return items.findIndex(({ mutation }) => equalBytes(mutation.key, key))
}
