import { OrbitError, toHex } from '@orbit-ts/base'
import type { Reader, Transaction } from '../provider.js'
import { checkKey, checkKeys, checkValue } from '../transaction/arguments.js'
import type { EngineLimits } from '../transaction/local-engine.js'
import { ClosedKeys } from './closed-keys.js'
import { isReserved, INTENT_KEY_EXTRA_BYTES } from './distributed-keys.js'
import { INTENT_VALUE_EXTRA_BYTES, type PreparedRecord } from './distributed-records.js'
import type { OutcomeResolver } from './outcome-resolver.js'
import type { Participant } from './participant.js'

/** What a reader of a guarded store has to know of the transactions that were prepared when it began. */
export interface Surroundings {
  /** Those that are not finished: writing one of their keys has to wait for them. */
  readonly inFlight: readonly PreparedRecord[]
  readonly closed: ClosedKeys | undefined
}

export const NOTHING_IN_FLIGHT: Surroundings = { inFlight: [], closed: undefined }

/** What the transactions and snapshots of one guarded store have in common. */
export class Guard {
  readonly participant: Participant
  readonly resolver: OutcomeResolver
  readonly limits: EngineLimits

  constructor(participant: Participant, resolver: OutcomeResolver) {
    const { keySizeMaxBytes, valueSizeMaxBytes } = participant.provider.capabilities
    this.participant = participant
    this.resolver = resolver
    this.limits = {
      keySizeMaxBytes: keySizeMaxBytes - INTENT_KEY_EXTRA_BYTES,
      valueSizeMaxBytes: valueSizeMaxBytes - INTENT_VALUE_EXTRA_BYTES,
    }
  }

  /** Finishes what is decided; undefined when `reader` has to begin again to see it. */
  async survey(reader: Reader): Promise<Surroundings | undefined> {
    const records = await this.participant.inFlight(reader)
    if (records.length === 0) return NOTHING_IN_FLIGHT
    const { pending, unknown, moved } = await this.resolver.settle(this.participant, records)
    if (moved) return undefined
    const inFlight = [...pending, ...unknown.map(({ record }) => record)]
    return { inFlight, closed: await ClosedKeys.of(this.participant, reader, unknown) }
  }

  /** The unfinished transactions that have an intent on one of `keys`. */
  async holdersOf(
    tx: Transaction,
    { inFlight }: Surroundings,
    keys: readonly Uint8Array[],
  ): Promise<ReadonlySet<string>> {
    if (inFlight.length === 0 || keys.length === 0) return new Set()
    const holders = await this.participant.holdersOf(tx, keys)
    return new Set(inFlight.map(({ id }) => id).filter((id) => holders.has(id)))
  }

  checkKey(key: Uint8Array): void {
    checkKey(key, this.limits)
    requireUnreserved(key)
  }

  checkKeys(keys: readonly Uint8Array[]): void {
    checkKeys(keys, this.limits)
    for (const key of keys) requireUnreserved(key)
  }

  checkValue(value: Uint8Array): void {
    checkValue(value, this.limits)
  }
}

function requireUnreserved(key: Uint8Array): void {
  if (!isReserved(key)) return
  throw new OrbitError('INVALID_ARGUMENT', `key ${toHex(key, 64)} is reserved for transactions across stores`)
}
