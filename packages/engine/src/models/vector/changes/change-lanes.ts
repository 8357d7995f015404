/**
 * Says in the store which vectors a transaction changes, so that whoever keeps vectors in memory sees, by one small read
 * in its own snapshot, what of them still holds.
 *
 * Each transaction that changes vectors writes one key more: a lane, with a number that grows by one. Lanes belong to the
 * database that has made them, and to one transaction at a time, so that writers do not conflict over them.
 *
 * Invariants:
 * 1. Whoever changes records, postings or the state of an index of a collection writes a lane of it in the same transaction, with a number that
 *    this lane never had. So what a snapshot shows of the collection depends on nothing but the lanes that it shows:
 *    their names, their numbers, and the base, which is the lane without a name.
 * 2. A lane tells at least what its latest changes touched. What was undone by a savepoint may be told as well.
 * 3. A lane is given to a transaction only when the one before it has ended, and had before this one began: under
 *    `snapshot` the two do not conflict. (Should it happen all the same, it costs a conflict and nothing else.)
 * 4. After a commit with an unknown outcome the lane's number is unknown, and the lane is not used again.
 * 5. Lanes of databases that are gone are taken away when there are many. The base is written at the same time, with a
 *    value that it never had: numbers of a lane that is taken away may come again only under another base.
 */
import { fromUtf8, toHex, type Random } from '@orbit-ts/base'
import { vectorKeys, type Transaction } from '@orbit-ts/storage'
import { encodeLane, type LaneRecord } from './lane-record.js'
import { TouchedVectors, packTouched } from './touched.js'

/** So many changes a reader may have missed of one lane without losing all that it knows. */
const RECENT_MAX = 4
/** Lanes take turns: by the time that one comes again, a store of several machines has cleared its locks. */
const LANES_MIN = 8
/** Of collections whose lanes are remembered. What is forgotten costs new lanes. */
const COLLECTIONS_MAX = 1000
const NAME_BYTES = 8

/** Distinguishes the databases of one process, whatever their random numbers are. */
let databases = 0

interface Lane {
  readonly collectionId: number
  readonly name: string
  number: number
  recent: readonly Uint8Array[]
  /** When it was seen that its last transaction had ended. */
  releasedAt: number
}

interface Writing {
  readonly storage: Transaction
  readonly lane: Lane
  readonly touched: TouchedVectors
}

/** What one transaction has changed. */
export class TransactionChanges {
  readonly beganAt: number
  /** Few transactions write vectors. */
  #written: Map<number, Writing> | undefined

  constructor(beganAt: number) {
    this.beganAt = beganAt
  }

  /** Whether it has changed this collection, be it undone since or not. */
  has(collectionId: number): boolean {
    return this.#written?.has(collectionId) ?? false
  }

  get(collectionId: number): Writing | undefined {
    return this.#written?.get(collectionId)
  }

  set(collectionId: number, writing: Writing): void {
    this.#written ??= new Map()
    this.#written.set(collectionId, writing)
  }
}

/** The lanes of one database. */
export class ChangeLanes {
  readonly #random: Random
  readonly #free = new Map<number, Lane[]>()
  readonly #busy = new Set<Writing>()
  /** By collection, what is to be taken away. */
  readonly #excess = new Map<number, readonly string[]>()
  readonly #database = databases++
  #prefix: string | undefined
  #made = 0
  #sequence = 0

  constructor({ random }: { readonly random: Random }) {
    this.#random = random
  }

  /** To be called when a transaction begins. */
  begin(): TransactionChanges {
    const changes = new TransactionChanges(this.#sequence)
    // What is seen to have ended now may have done so after that transaction's snapshot was taken.
    this.#sweep()
    return changes
  }

  /** To be called before the writes, without a pause in between. */
  note(
    { storage, collectionId }: { readonly storage: Transaction; readonly collectionId: number },
    changes: TransactionChanges,
    add: (touched: TouchedVectors) => void,
  ): void {
    let writing = changes.get(collectionId)
    if (writing === undefined) {
      writing = { storage, lane: this.#take(collectionId, changes.beganAt), touched: new TouchedVectors() }
      changes.set(collectionId, writing)
      this.#busy.add(writing)
      this.#removeExcess(storage, collectionId)
    }
    const { lane, touched } = writing
    add(touched)
    storage.put(vectorKeys.lane(collectionId, lane.name), encodeLane(next(writing)))
  }

  /** To be called when so many lanes are stored that it takes long to read them. */
  noteExcess(collectionId: number, names: readonly string[]): void {
    this.#excess.set(collectionId, names)
  }

  #take(collectionId: number, beganAt: number): Lane {
    const free = this.#free.get(collectionId) ?? []
    const [first] = free
    if (first !== undefined && free.length >= LANES_MIN && first.releasedAt <= beganAt) {
      free.shift()
      return first
    }
    return { collectionId, name: this.#newName(), number: 0, recent: [], releasedAt: 0 }
  }

  #newName(): string {
    this.#prefix ??= `${toHex(this.#random.bytes(NAME_BYTES))}-${this.#database}`
    return `${this.#prefix}-${this.#made++}`
  }

  /** Gives back the lanes of transactions that have ended. */
  #sweep(): void {
    for (const writing of this.#busy) {
      const { storage, lane } = writing
      if (storage.status === 'active' || storage.status === 'committing') continue
      this.#busy.delete(writing)
      if (storage.status === 'undetermined') continue
      // A number that was undone by a savepoint is not used again either.
      if (storage.status === 'committed') Object.assign(lane, next(writing))
      lane.releasedAt = ++this.#sequence
      this.#giveBack(lane)
    }
  }

  #giveBack(lane: Lane): void {
    const free = this.#free.get(lane.collectionId)
    if (free !== undefined) free.push(lane)
    else this.#free.set(lane.collectionId, [lane])
    if (this.#free.size <= COLLECTIONS_MAX) return
    const [oldest] = this.#free.keys()
    if (oldest !== undefined) this.#free.delete(oldest)
  }

  #removeExcess(storage: Transaction, collectionId: number): void {
    const names = this.#excess.get(collectionId)
    if (names === undefined) return
    this.#excess.delete(collectionId)
    for (const name of names) storage.delete(vectorKeys.lane(collectionId, name))
    storage.put(vectorKeys.lane(collectionId, ''), encodeBase(this.#newName()))
  }

  /** Whether it is one of this database's. */
  isOwn(name: string): boolean {
    return this.#prefix !== undefined && name.startsWith(`${this.#prefix}-`)
  }
}

function next({ lane, touched }: Writing): LaneRecord {
  const recent = [...lane.recent.slice(1 - RECENT_MAX), packTouched(touched.current())]
  return { number: lane.number + 1, recent }
}

/** Any bytes that the base never had. */
function encodeBase(name: string): Uint8Array {
  return Buffer.from(name)
}

/** The name in the key of a lane. */
export function laneName(key: Uint8Array, nameStart: number): string {
  return fromUtf8(key.subarray(nameStart))
}
