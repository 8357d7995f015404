/**
 * What is known of the changes of one collection, and so of what was read from it at one time and is to be used at
 * another. Times are numbers: each stands for one state of the lanes, and a later state has a greater one.
 *
 * Invariants:
 * 1. Two snapshots with the same time show the same records and postings of the collection (`change-lanes.ts`, 1).
 * 2. `isSame…` answers true only when nothing that was asked about changed between the two times.
 * 3. Memory is bounded: by the changes and states that are remembered. What was forgotten is taken for changed.
 */
import { compareBytes, defined, equalBytes } from '@orbit-ts/base'
import type { Entry } from '@orbit-ts/storage'
import { laneName } from './change-lanes.js'
import { decodeLane, type LaneRecord } from './lane-record.js'
import { EVERYTHING, unpackTouched, type IdRange, type Touched } from './touched.js'

const STATES_MAX = 64
const CHANGES_MAX = 128
const PARTITIONS_MAX = 100_000

interface KnownLane {
  readonly bytes: Uint8Array
  readonly number: number
}

interface Change {
  readonly at: number
  readonly ids: readonly IdRange[]
}

type State = ReadonlyMap<string, KnownLane>

export class CollectionHistory {
  readonly #nameStart: number
  /** The stored value of the base: a history is of one. */
  readonly #base: Uint8Array | undefined
  #latest: State = new Map()
  #now = 0
  /** The times of the latest states, by their lanes and numbers. */
  readonly #states = new Map<string, number>()
  /** The oldest first. */
  readonly #changes: Change[] = []
  /** Of changes at this time and before it is not known which records they were of. */
  #recordsForgotten = 0
  /** The time of the latest change of a partition. */
  readonly #partitions = new Map<number, number>()
  #allPartitions = 0

  /**
   * @param entries all lanes, as one snapshot shows them
   * @param nameStart where in their keys the name begins
   */
  constructor(entries: readonly Entry[], nameStart: number) {
    this.#nameStart = nameStart
    this.#base = this.#baseOf(entries)
    this.#latest = this.#read(entries)
    this.#remember(this.#latest)
  }

  /** The names of the lanes there are, without the base. */
  get lanes(): readonly string[] {
    return [...this.#latest.keys()]
  }

  /** Whether these lanes are of the same history: if not, nothing that was read before can be used. */
  isOf(entries: readonly Entry[]): boolean {
    const base = this.#baseOf(entries)
    if (base === undefined || this.#base === undefined) return base === this.#base
    return equalBytes(base, this.#base)
  }

  /** The time of a state; undefined when it is an older one that was forgotten. The entries are of this history. */
  timeOf(entries: readonly Entry[]): number | undefined {
    if (this.#isLatest(entries)) return this.#now
    const state = this.#read(entries)
    const known = this.#states.get(textOf(state))
    if (known !== undefined) return known
    if (!isLater(state, this.#latest)) return undefined
    this.#advance(state, entries)
    return this.#now
  }

  /** Whether a partition has the same vectors at both times. */
  isSamePartition(partition: number, one: number, other: number): boolean {
    if (one === other) return true
    const changed = Math.max(this.#allPartitions, this.#partitions.get(partition) ?? 0)
    return changed <= Math.min(one, other)
  }

  /** Whether the state of an index, which changes with any partition, is the same at both times. */
  isSameIndex(one: number, other: number): boolean {
    return one === other || this.#allPartitions <= Math.min(one, other)
  }

  /** Whether the records from `start` until before `end` are the same at both times. Undefined: to the last. */
  isSameRange(
    { start, end }: { readonly start: Uint8Array; readonly end: Uint8Array | undefined },
    one: number,
    other: number,
  ): boolean {
    if (one === other) return true
    const [from, to] = [Math.min(one, other), Math.max(one, other)]
    if (from < this.#recordsForgotten) return false
    return !this.#changes.some(
      ({ at, ids }) =>
        at > from &&
        at <= to &&
        ids.some(
          ({ first, last }) =>
            compareBytes(last, start) >= 0 && (end === undefined || compareBytes(first, end) < 0),
        ),
    )
  }

  #isLatest(entries: readonly Entry[]): boolean {
    let lanes = 0
    for (const { key, value } of entries) {
      const name = laneName(key, this.#nameStart)
      if (name === '') continue
      const known = this.#latest.get(name)
      if (known === undefined || !equalBytes(known.bytes, value)) return false
      lanes++
    }
    return lanes === this.#latest.size
  }

  #read(entries: readonly Entry[]): Map<string, KnownLane> {
    const state = new Map<string, KnownLane>()
    for (const { key, value } of entries) {
      const name = laneName(key, this.#nameStart)
      if (name === '') continue
      const known = this.#latest.get(name)
      const isKnown = known !== undefined && equalBytes(known.bytes, value)
      state.set(name, isKnown ? known : { bytes: value, number: decodeLane(value, key).number })
    }
    return state
  }

  #advance(state: State, entries: readonly Entry[]): void {
    this.#now++
    for (const { key, value } of entries) {
      const name = laneName(key, this.#nameStart)
      if (name === '') continue
      const known = this.#latest.get(name)
      if (known?.number === state.get(name)?.number) continue
      for (const touched of changesAfter(known?.number ?? 0, decodeLane(value, key))) this.#note(touched)
    }
    this.#latest = state
    this.#remember(state)
  }

  #note({ ids, partitions }: Touched): void {
    if (ids === undefined) {
      this.#recordsForgotten = this.#now
      this.#changes.length = 0
    } else if (ids.length > 0) {
      this.#changes.push({ at: this.#now, ids })
      if (this.#changes.length > CHANGES_MAX)
        this.#recordsForgotten = defined(this.#changes.shift(), 'a change').at
    }
    if (partitions !== undefined) {
      for (const partition of partitions) this.#partitions.set(partition, this.#now)
    }
    if (partitions !== undefined && this.#partitions.size <= PARTITIONS_MAX) return
    this.#allPartitions = this.#now
    this.#partitions.clear()
  }

  #remember(state: State): void {
    this.#states.set(textOf(state), this.#now)
    if (this.#states.size <= STATES_MAX) return
    const [oldest] = this.#states.keys()
    if (oldest !== undefined) this.#states.delete(oldest)
  }

  #baseOf(entries: readonly Entry[]): Uint8Array | undefined {
    // It sorts first.
    const [first] = entries
    return first !== undefined && first.key.length === this.#nameStart ? first.value : undefined
  }
}

/** The changes of a lane after the one with this number. */
function changesAfter(before: number, { number, recent }: LaneRecord): readonly Touched[] {
  const missed = number - before
  return missed > recent.length ? [EVERYTHING] : recent.slice(recent.length - missed).map(unpackTouched)
}

/** Lanes of one history are never taken away, and their numbers only grow. */
function isLater(state: State, than: State): boolean {
  for (const [name, { number }] of than) if ((state.get(name)?.number ?? 0) < number) return false
  return true
}

function textOf(state: State): string {
  let text = ''
  for (const [name, { number }] of state) text += `${name}:${number} `
  return text
}
