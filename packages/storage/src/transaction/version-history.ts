/**
 * Old versions of recently written keys, kept in memory while a running snapshot may need them. The engine below holds
 * only the latest values; this is what turns it into a multi-version store.
 *
 * Invariants:
 * 1. A version `{ seq, prior }` of a key says: the commit `seq` replaced `prior` (undefined: the key was absent).
 *    What a snapshot at `s` sees is the prior of the first version with `seq > s`, or the engine's value if none.
 * 2. Versions are recorded before the engine's write begins, so a reader that meets the engine in the middle of a
 *    write still sees its own snapshot.
 * 3. The versions of every commit after `floor` are here, if history was asked for; a snapshot older than `floor`
 *    must not read (`SNAPSHOT_TOO_OLD`).
 * 4. A touch says that a commit relied on the key staying as it is (a shared lock), a claim that it had the key for
 *    itself (an exclusive one): they matter to conflicts, not to reads.
 * 5. Bytes held never exceed the limit after `trim`: the oldest versions go first and raise `floor`.
 */
import { DropList } from './drop-list.js'
import { orderedMap, pairsIn } from './ordered-map.js'
import type { EngineEntry } from './local-engine.js'

interface Version {
  readonly seq: number
  readonly prior: Uint8Array | undefined
}

interface KeyHistory {
  readonly key: Uint8Array
  /** Ascending by seq, as the others. */
  versions: DropList<Version> | undefined
  /** Commits that shared the key. */
  touches: DropList<number> | undefined
  /** Commits that had the key locked exclusively without writing it. */
  claims: DropList<number> | undefined
}

interface LogEntry {
  readonly id: string
  readonly seq: number
  readonly list: 'versions' | 'touches' | 'claims'
}

/** What a range looks like in place of the engine's entries: `value` undefined hides the key. */
export interface OverlayEntry {
  readonly id: string
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** What the objects around one version take, as measured on keys of 24 bytes. */
const OVERHEAD_BYTES = 512

export class VersionHistory {
  #keys = orderedMap<KeyHistory>()
  /** In commit order, to drop the oldest first. */
  readonly #log = new DropList<LogEntry>()
  #bytes = 0
  #floor = 0
  readonly bytesMax: number

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get isEmpty(): boolean {
    return this.#log.length === 0
  }

  /** True when there may be something that a snapshot at `seq` must see instead of what the engine has. */
  hasAfter(seq: number): boolean {
    return (this.#log.last?.seq ?? 0) > seq
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Snapshots at or after this commit have all the versions they need. */
  get floor(): number {
    return this.#floor
  }

  record(id: string, key: Uint8Array, seq: number, prior: Uint8Array | undefined): void {
    const history = this.#historyOf(id, key)
    if (history.versions === undefined) history.versions = new DropList({ seq, prior })
    else history.versions.push({ seq, prior })
    this.#log.push({ id, seq, list: 'versions' })
    this.#bytes += cost(id, prior)
  }

  touch(id: string, key: Uint8Array, seq: number, list: 'touches' | 'claims'): void {
    const history = this.#historyOf(id, key)
    const seqs = history[list]
    if (seqs === undefined) history[list] = new DropList(seq)
    else seqs.push(seq)
    this.#log.push({ id, seq, list })
    this.#bytes += cost(id, undefined)
  }

  /** What a snapshot at `seq` sees instead of the engine's value, or undefined when the engine's value is right. */
  visibleAt(id: string, seq: number): { readonly value: Uint8Array | undefined } | undefined {
    const version = firstAfter(this.#keys.get(id)?.versions, seq)
    return version === undefined ? undefined : { value: version.prior }
  }

  /** True when a commit after `seq` wrote the key or relied on it by a lock. */
  usedSince(id: string, seq: number): boolean {
    return this.claimedSince(id, seq) || (this.#keys.get(id)?.touches?.last ?? 0) > seq
  }

  /** True when a commit after `seq` wrote the key or had it locked for itself. */
  claimedSince(id: string, seq: number): boolean {
    return this.changedSince(id, seq) || (this.#keys.get(id)?.claims?.last ?? 0) > seq
  }

  /** True when a commit after `seq` wrote the key. */
  changedSince(id: string, seq: number): boolean {
    return (this.#keys.get(id)?.versions?.last?.seq ?? 0) > seq
  }

  /** The first key in `[start, end)` that a commit after `seq` wrote. */
  firstChangeIn(start: string | undefined, end: string | undefined, seq: number): Uint8Array | undefined {
    for (const [, history] of pairsIn(this.#keys, start, end)) {
      if ((history.versions?.last?.seq ?? 0) > seq) return history.key
    }
    return undefined
  }

  /**
   * True when no commit after `seq` wrote a key in `[start, end)`. False as well when that cannot be told from the first
   * `keysMax` keys that the history has there.
   */
  isUnchangedIn(start: string | undefined, end: string | undefined, seq: number, keysMax: number): boolean {
    if (!this.hasAfter(seq)) return true
    let keys = 0
    for (const [, history] of pairsIn(this.#keys, start, end)) {
      if ((history.versions?.last?.seq ?? 0) > seq || ++keys > keysMax) return false
    }
    return true
  }

  /** Corrections to the engine's entries in `[start, end)` for a snapshot at `seq`, ascending. */
  overlay(start: string | undefined, end: string | undefined, seq: number): OverlayEntry[] {
    const found: OverlayEntry[] = []
    for (const [id, history] of pairsIn(this.#keys, start, end)) {
      const version = firstAfter(history.versions, seq)
      if (version !== undefined) found.push({ id, key: history.key, value: version.prior })
    }
    return found
  }

  /** Takes back the versions of commits after `seq`: their write did not happen. */
  forgetAfter(seq: number): void {
    for (let last = this.#log.last; last !== undefined && last.seq > seq; last = this.#log.last) {
      this.#log.pop()
      this.#drop(last, 'newest')
    }
  }

  /** Drops what no snapshot at or after `seq` needs. */
  prune(seq: number): void {
    for (let oldest = this.#log.first; oldest !== undefined && oldest.seq <= seq; oldest = this.#log.first) {
      this.#log.shift()
      this.#drop(oldest, 'oldest')
    }
  }

  /** Brings the bytes below the limit by giving up the oldest versions. */
  trim(): void {
    while (this.#bytes > this.bytesMax) {
      const oldest = this.#log.shift()
      if (oldest === undefined) break
      this.#floor = oldest.seq
      this.#drop(oldest, 'oldest')
    }
  }

  #historyOf(id: string, key: Uint8Array): KeyHistory {
    let history = this.#keys.get(id)
    if (history === undefined) {
      history = { key, versions: undefined, touches: undefined, claims: undefined }
      this.#keys.set(id, history)
    }
    return history
  }

  #drop({ id, list }: LogEntry, which: 'oldest' | 'newest'): void {
    const history = this.#keys.get(id)
    if (history === undefined) return
    const dropped = which === 'oldest' ? history[list]?.shift() : history[list]?.pop()
    this.#bytes -= cost(id, typeof dropped === 'object' ? dropped.prior : undefined)
    if (history[list]?.length === 0) history[list] = undefined
    if (history.versions === undefined && history.touches === undefined && history.claims === undefined) {
      this.#keys.delete(id)
    }
  }
}

/** The first version after `seq`: the versions of a hot key under an old snapshot can be many, hence the bisection. */
function firstAfter(versions: DropList<Version> | undefined, seq: number): Version | undefined {
  if (versions === undefined) return undefined
  let low = 0
  let high = versions.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((versions.at(middle)?.seq ?? Infinity) > seq) high = middle
    else low = middle + 1
  }
  return versions.at(low)
}

function cost(id: string, prior: Uint8Array | undefined): number {
  return id.length + (prior?.byteLength ?? 0) + OVERHEAD_BYTES
}

/**
 * The engine's entries of one stretch with the overlay of the same stretch laid over them. Both are in the same
 * direction; `sign` is 1 forward, -1 backward.
 */
export function mergeOverlay(
  entries: readonly EngineEntry[],
  overlay: readonly { readonly key: Uint8Array; readonly value: Uint8Array | undefined }[],
  sign: 1 | -1,
): EngineEntry[] {
  const merged: EngineEntry[] = []
  let next = 0
  for (const entry of entries) {
    let replaced = false
    for (let over = overlay[next]; over !== undefined; over = overlay[next]) {
      const order = Buffer.compare(over.key, entry.key) * sign
      if (order > 0) break
      next++
      if (over.value !== undefined) merged.push({ key: over.key, value: over.value })
      if (order === 0) {
        replaced = true
        break
      }
    }
    if (!replaced) merged.push(entry)
  }
  for (; next < overlay.length; next++) {
    const over = overlay[next]
    if (over?.value !== undefined) merged.push({ key: over.key, value: over.value })
  }
  return merged
}
