/**
 * What one store holds of transactions that are prepared in it: for each a record, the list of its keys, and an intent
 * on each key with the value it is to get.
 *
 * Invariants:
 * 1. Record, list and intents of a transaction come in one commit of the store and go in one commit, together with
 *    the writes when it is committed: a reader of the store sees all of its writes or none.
 * 2. The commit that prepares also locks every key, so that it conflicts with whoever read the store before and wants
 *    to write one of them; who reads it later sees the intents.
 */
import { defined, OrbitError, toBinaryString } from '@orbit-ts/base'
import type { Reader, StorageProvider, Transaction } from '../provider.js'
import type { BufferedWrite } from '../transaction/write-buffer.js'
import { idOf, strongest, type Outcome } from './decision-log.js'
import { distributedKeys } from './distributed-keys.js'
import {
  decodeIntent,
  decodeKeyList,
  decodePrepared,
  encodeIntent,
  encodeKeyLists,
  encodePrepared,
  type PreparedRecord,
} from './distributed-records.js'

const KEY_LIST_BYTES_MAX = 64 * 1024
const NOTHING = new Uint8Array(0)

export class Participant {
  readonly name: string
  readonly provider: StorageProvider

  constructor(name: string, provider: StorageProvider) {
    this.name = name
    this.provider = provider
  }

  /** The transactions that are prepared here, as `reader` sees it. */
  async inFlight(reader: Reader): Promise<PreparedRecord[]> {
    const records: PreparedRecord[] = []
    for await (const chunk of reader.scan(distributedKeys.allPrepared)) {
      for (const { key, value } of chunk) records.push(decodePrepared(idOf(key), value))
    }
    return records
  }

  async keysOf(reader: Reader, id: string): Promise<Uint8Array[]> {
    const keys: Uint8Array[] = []
    for await (const chunk of reader.scan(distributedKeys.keyLists(id))) {
      for (const { value } of chunk) keys.push(...decodeKeyList(value))
    }
    return keys
  }

  /** The ids of the transactions that have an intent on one of `keys`. */
  async holdersOf(reader: Reader, keys: readonly Uint8Array[]): Promise<Set<string>> {
    const found = await reader.getMany(keys.map(distributedKeys.intent))
    return new Set(found.flatMap((bytes) => (bytes === undefined ? [] : [decodeIntent(bytes).id])))
  }

  /** Adds to `tx`, which has locked the keys and sees no intent on them, what makes `record` prepared. */
  writePrepared(
    tx: Transaction,
    record: PreparedRecord,
    writes: ReadonlyMap<string, BufferedWrite>,
    lockedKeys: ReadonlyMap<string, Uint8Array>,
  ): void {
    const { id } = record
    const keys: Uint8Array[] = []
    for (const { key, value } of writes.values()) {
      keys.push(key)
      const kind = value === undefined ? 'delete' : 'put'
      tx.put(distributedKeys.intent(key), encodeIntent({ id, kind, value: value ?? NOTHING }))
    }
    for (const [text, key] of lockedKeys) {
      if (writes.has(text)) continue
      keys.push(key)
      tx.put(distributedKeys.intent(key), encodeIntent({ id, kind: 'lock', value: NOTHING }))
    }
    let number = 0
    for (const list of encodeKeyLists(keys, KEY_LIST_BYTES_MAX))
      tx.put(distributedKeys.keyList(id, number++), list)
    tx.put(distributedKeys.prepared(id), encodePrepared(record))
  }

  /**
   * Applies what the transaction prepared here, or throws it away. True when it was still prepared; false when that
   * was done before, or it never was.
   */
  finish(id: string, outcome: Outcome): Promise<boolean> {
    return this.provider.transact(async (tx) => {
      if ((await tx.get(distributedKeys.prepared(id))) === undefined) return false
      const lists: Uint8Array[] = []
      const keys: Uint8Array[] = []
      for await (const chunk of tx.scan(distributedKeys.keyLists(id))) {
        for (const { key, value } of chunk) {
          lists.push(key)
          keys.push(...decodeKeyList(value))
        }
      }
      await this.#finishKeys(tx, id, keys, outcome)
      for (const key of lists) tx.delete(key)
      tx.delete(distributedKeys.prepared(id))
      return true
    }, strongest(this.provider))
  }

  async #finishKeys(
    tx: Transaction,
    id: string,
    keys: readonly Uint8Array[],
    outcome: Outcome,
  ): Promise<void> {
    const intents = await tx.getMany(keys.map(distributedKeys.intent))
    keys.forEach((key, at) => {
      const intent = decodeIntent(defined(intents[at], 'every key of the list has an intent'))
      if (intent.id !== id) {
        throw new OrbitError(
          'STORAGE_CORRUPT',
          `store "${this.name}": the intent on key ${toBinaryString(key).slice(0, 32)} is not of transaction ${id}`,
        )
      }
      if (outcome === 'committed' && intent.kind === 'put') tx.put(key, intent.value)
      if (outcome === 'committed' && intent.kind === 'delete') tx.delete(key)
      tx.delete(distributedKeys.intent(key))
    })
  }
}
