import type { IsolationLevel } from '../../provider.js'
import { type ReferenceStore, type ScanRequest, type State, keysIn, scanState } from './reference-store.js'

interface Write {
  readonly value: string | undefined
  readonly mustBeAbsent: boolean
}

/** How a commit may end. */
export type CommitOutcome = 'commits' | 'TRANSACTION_CONFLICT' | 'KEY_EXISTS'

/** A transaction of the reference store. Its snapshot is that of its beginning: the test reads at once. */
export class ReferenceTransaction {
  readonly isolation: IsolationLevel
  readonly #store: ReferenceStore
  readonly #position: number
  /** Where `refresh` has put what a read-committed transaction reads. */
  #statement: number | undefined
  #writes = new Map<string, Write>()
  readonly #savepoints: { readonly id: number; readonly writes: Map<string, Write> }[] = []
  /** Keys that were looked up in the store. */
  readonly #read = new Set<string>()
  /** Keys whose look-up its own write answered: a provider may have asked the store as well. */
  readonly #answered = new Set<string>()
  readonly #scans: ScanRequest[] = []

  constructor(store: ReferenceStore, isolation: IsolationLevel) {
    this.#store = store
    this.isolation = isolation
    this.#position = store.latest
  }

  get savepointIds(): number[] {
    return this.#savepoints.map(({ id }) => id)
  }

  /** The keys and values that its commit puts in place. */
  get effects(): Map<string, string | undefined> {
    return new Map([...this.#writes].map(([key, { value }]) => [key, value]))
  }

  refresh(): void {
    this.#statement = this.#store.latest
  }

  get(key: string): string | undefined {
    ;(this.#writes.has(key) ? this.#answered : this.#read).add(key)
    return this.#view().get(key)
  }

  scan(request: ScanRequest): string[] {
    this.#scans.push(request)
    return scanState(this.#view(), request)
  }

  set(key: string, value: string | undefined): void {
    this.#writes.set(key, { value, mustBeAbsent: this.#writes.get(key)?.mustBeAbsent ?? false })
  }

  /** False when this transaction itself wrote a value for the key. */
  insert(key: string, value: string): boolean {
    const earlier = this.#writes.get(key)
    if (earlier?.value !== undefined) return false
    this.#writes.set(key, { value, mustBeAbsent: earlier?.mustBeAbsent ?? true })
    return true
  }

  savepoint(id: number): void {
    this.#savepoints.push({ id, writes: new Map(this.#writes) })
  }

  rollbackTo(id: number): void {
    while (this.#savepoints.length > 0 && this.#savepoints.at(-1)?.id !== id) this.#savepoints.pop()
    this.#writes = new Map(this.#savepoints.at(-1)?.writes)
  }

  /** How the commit may end now. More than one only where the contract leaves it to the provider. */
  outcomes(): CommitOutcome[] {
    if (this.#writes.size === 0) return ['commits']
    const latest = this.#store.at(this.#store.latest)
    const exists = [...this.#writes].some(([key, write]) => write.mustBeAbsent && latest.has(key))
    const otherwise: CommitOutcome = exists ? 'KEY_EXISTS' : 'commits'
    if (this.#mustConflict())
      return exists ? ['TRANSACTION_CONFLICT', 'KEY_EXISTS'] : ['TRANSACTION_CONFLICT']
    return this.#mayConflict() ? [otherwise, 'TRANSACTION_CONFLICT'] : [otherwise]
  }

  #view(): State {
    const position =
      this.isolation === 'read-committed' ? (this.#statement ?? this.#store.latest) : this.#position
    const view = new Map(this.#store.at(position))
    for (const [key, { value }] of this.#writes) {
      if (value === undefined) view.delete(key)
      else view.set(key, value)
    }
    return view
  }

  #mustConflict(): boolean {
    if (this.isolation === 'read-committed') return false
    if ([...this.#writes.keys()].some((key) => this.#changed(key))) return true
    if (this.isolation === 'snapshot') return false
    const [before, now] = [this.#store.at(this.#position), this.#store.at(this.#store.latest)]
    if ([...this.#read].some((key) => before.get(key) !== now.get(key))) return true
    return this.#scans.some(
      (request) =>
        request.limit === Infinity && String(scanState(before, request)) !== String(scanState(now, request)),
    )
  }

  /** True when a change touched what was read, though it may be invisible, or beyond where a scan stopped. */
  #mayConflict(): boolean {
    if (this.isolation !== 'serializable') return false
    if ([...this.#read, ...this.#answered].some((key) => this.#changed(key))) return true
    const changed = this.#store.keysChangedSince(this.#position)
    return this.#scans.some((request) => keysIn(changed, request).length > 0)
  }

  #changed(key: string): boolean {
    return this.#store.changedSince(key, this.#position)
  }
}
