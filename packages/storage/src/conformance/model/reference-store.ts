/**
 * The contract in its simplest form: every commit keeps a whole copy of the map.
 *
 * Invariants:
 * 1. `states[n]` is what `n` commits left behind; a state never changes.
 * 2. `lastWriters` says for every key which commit wrote it last, so that conflicts are found by looking.
 */
export type State = ReadonlyMap<string, string>

export class ReferenceStore {
  readonly #states: State[] = [new Map()]
  readonly #lastWriters = new Map<string, number>()

  /** How many commits there were. */
  get latest(): number {
    return this.#states.length - 1
  }

  at(position: number): State {
    return this.#states[position] ?? new Map()
  }

  /** True when a commit after `position` wrote the key. */
  changedSince(key: string, position: number): boolean {
    return (this.#lastWriters.get(key) ?? 0) > position
  }

  keysChangedSince(position: number): string[] {
    return [...this.#lastWriters.keys()].filter((key) => this.changedSince(key, position))
  }

  apply(writes: ReadonlyMap<string, string | undefined>): void {
    const next = new Map(this.at(this.latest))
    for (const [key, value] of writes) {
      if (value === undefined) next.delete(key)
      else next.set(key, value)
      this.#lastWriters.set(key, this.#states.length)
    }
    this.#states.push(next)
  }
}

export interface ScanRequest {
  readonly start: string | undefined
  readonly end: string | undefined
  readonly reverse: boolean
  readonly limit: number
}

/** `key=value` of what a scan of the state gives. */
export function scanState(state: State, request: ScanRequest): string[] {
  const keys = keysIn([...state.keys()], request).sort()
  if (request.reverse) keys.reverse()
  return keys.slice(0, request.limit).map((key) => `${key}=${state.get(key)}`)
}

/** Those of `keys` that lie in the range. */
export function keysIn(keys: readonly string[], { start, end }: ScanRequest): string[] {
  return keys.filter((key) => key >= (start ?? '') && (end === undefined || key < end))
}
