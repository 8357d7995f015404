/**
 * The changes that a call makes to property indexes: gathered, checked against what is stored, then written.
 *
 * Invariants:
 * 1. Nothing is written before every unique value was checked, within the call and against the store. A record whose
 *    entry is there already, because a build has added it, keeps it.
 * 2. A unique value that is checked here and taken by another transaction meanwhile is refused at the commit, by the
 *    same error.
 */
import { equalBytes, hasCode, type OrbitError } from '@orbit-ts/base'
import { deletableEntries } from '../../catalog/deletable-entries.js'
import type { OpenGraph } from './open-graph.js'
import { recordEntries, type IndexEntry, type IndexedRecord, type IndexedState } from './record-entries.js'

export class IndexChanges {
  readonly #graph: OpenGraph
  readonly #added = new Map<string, IndexEntry>()
  readonly #removed = new Map<string, IndexEntry>()

  constructor(graph: OpenGraph) {
    this.#graph = graph
  }

  /**
   * What changes when a record goes from one state to another; undefined: it is not there.
   * @throws UNIQUE_VIOLATION when another record of this call has the value, LIMIT_EXCEEDED
   */
  add(record: IndexedRecord, before: IndexedState | undefined, after: IndexedState | undefined): void {
    const old = before === undefined ? NO_ENTRIES : recordEntries(this.#graph, record, before)
    const now = after === undefined ? NO_ENTRIES : recordEntries(this.#graph, record, after)
    for (const [id, entry] of old) if (!now.has(id)) this.#removed.set(id, entry)
    for (const [id, entry] of now) {
      if (old.has(id)) continue
      const other = this.#added.get(id)
      if (other !== undefined) throw this.#violation(entry, other.record.name.what)
      this.#added.set(id, entry)
    }
  }

  /** Compares with what is stored; comes before `write`. @throws UNIQUE_VIOLATION when a stored record has a value. */
  async check(): Promise<void> {
    await this.#keepOthers()
    const unique = [...this.#added].filter(([, entry]) => entry.isUnique)
    if (unique.length === 0) return
    const found = await this.#graph.storage.getMany(unique.map(([, { key }]) => key))
    for (const [i, [id, entry]] of unique.entries()) {
      const reference = found[i]
      if (reference === undefined) continue
      if (!equalBytes(reference, entry.value)) throw this.#violation(entry, entry.record.nameOf(reference))
      this.#added.delete(id)
    }
  }

  /** Leaves out removals that would take entries from other records. */
  async #keepOthers(): Promise<void> {
    const contested = [...this.#removed].filter(([, { isUnique, index }]) => isUnique && !index.isReady)
    const entries = contested.map(([, entry]) => entry)
    const deletable = new Set(await deletableEntries(this.#graph.storage, entries))
    for (const [id, entry] of contested) if (!deletable.has(entry)) this.#removed.delete(id)
  }

  /** Writes the changes. @throws KEY_TOO_LARGE naming the index. */
  write(): void {
    const { storage, context } = this.#graph
    for (const { key } of this.#removed.values()) storage.delete(key)
    for (const entry of this.#added.values()) {
      try {
        if (entry.isUnique) {
          storage.insert(entry.key, entry.value)
          context.explainExisting(entry.key, () => this.#violation(entry, 'another transaction'))
        } else {
          storage.put(entry.key, entry.value)
        }
      } catch (error) {
        throw this.#tooLarge(entry, error)
      }
    }
  }

  #violation({ record, type, index }: IndexEntry, holder: string): OrbitError {
    const fields = index.fields.map(({ path }) => path.text)
    return this.#graph.error(
      'UNIQUE_VIOLATION',
      `${record.name.what}: its ${fields.join(', ')} is taken by ${holder}; index "${index.name}" of ${type.name} is unique`,
      { ...record.name.details, index: index.name, fields },
    )
  }

  #tooLarge({ record, type, index, key }: IndexEntry, error: unknown): unknown {
    if (!hasCode(error, 'KEY_TOO_LARGE')) return error
    return this.#graph.error(
      'KEY_TOO_LARGE',
      `${record.name.what}: its value makes a key of ${key.byteLength} bytes in index "${index.name}" of ${type.name}; ${error.reason}`,
      { ...record.name.details, index: index.name },
    )
  }
}

const NO_ENTRIES: ReadonlyMap<string, IndexEntry> = new Map()
