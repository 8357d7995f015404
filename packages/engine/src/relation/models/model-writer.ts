/**
 * Changes what other models hold, by the rules of those models: their constraints, their errors, their limits.
 *
 * Invariant: a record that is changed or deleted was locked before, and is what it was when it was read, or the
 * statement has looked at it again.
 */
import { defined, hasCode } from '@orbit-ts/base'
import type { LockOptions } from '@orbit-ts/storage'
import type { ModelContext } from '../../models/model.js'
import { queryError, unsupported } from '../../scalar/condition.js'
import { RecordValue, type RecordField } from '../../scalar/record-value.js'
import { plainText, type Row, type Value } from '../../scalar/value.js'
import type { RelationContext, RelationWrite, RelationWriter, RowId, WriteRow } from '../relation.js'

/** How the records of one model are changed. `T` is a record as it is read. */
export interface ModelEdits<T> {
  /** Tells records apart. */
  keyOf(record: T): string
  /** The key that a row to be inserted will have; undefined: one that no other record has. */
  keyOfRow(row: WriteRow): string | undefined
  /** The records with these keys as they are now, in this order. */
  get(models: ModelContext, keys: readonly string[]): Promise<readonly (T | undefined)[]>
  /** What the records are stored under, for locks. */
  storeKeys(models: ModelContext, keys: readonly string[]): Promise<Uint8Array[]>
  insert(models: ModelContext, rows: readonly WriteRow[]): Promise<readonly T[]>
  /** @param values by ordinal; undefined where a column keeps its value. Left out: records do not change. */
  update?(models: ModelContext, before: T, values: WriteRow): Promise<T>
  delete?(models: ModelContext, record: T): Promise<void>
}

/** What a write is of. */
export interface EditedRelation<T> {
  readonly name: string
  readonly edits: ModelEdits<T>
  /** All columns of a record. */
  readonly toRow: (record: T) => Row
  /** Differs for records that differ. */
  readonly imageOf: (record: T) => string
}

const NO_FIELDS: readonly RecordField[] = []

/** The identity of a record: its key, and what it was when it was read. */
export function modelRowId(key: string, image: string): RowId {
  return new RecordValue(NO_FIELDS, [key, image])
}

export function keyOfModelRow(id: RowId): string {
  return plainText(partOf(id, 0))
}

const partOf = (id: RowId, at: number): Value => (id instanceof RecordValue ? (id.values[at] ?? null) : null)

export class ModelWriter<T> implements RelationWriter {
  readonly #relation: EditedRelation<T>

  constructor(relation: EditedRelation<T>) {
    this.#relation = relation
  }

  idKey(id: RowId): string {
    return keyOfModelRow(id)
  }

  begin({ models }: RelationContext): Promise<RelationWrite> {
    return Promise.resolve(new ModelWrite(this.#relation, models))
  }
}

type Outcome = Awaited<ReturnType<RelationWrite['insertUnlessExists']>>[number]

class ModelWrite<T> implements RelationWrite {
  readonly #relation: EditedRelation<T>
  readonly #models: ModelContext
  /** Records that this statement has locked, as they are, by key. */
  readonly #locked = new Map<string, T | undefined>()

  constructor(relation: EditedRelation<T>, models: ModelContext) {
    this.#relation = relation
    this.#models = models
  }

  async insert(rows: readonly WriteRow[]): Promise<Row[]> {
    if (rows.length === 0) return []
    const { edits, toRow } = this.#relation
    return (await edits.insert(this.#models, rows)).map(toRow)
  }

  async insertUnlessExists(rows: readonly WriteRow[]): Promise<Outcome[]> {
    const { edits, toRow, imageOf } = this.#relation
    const outcomes: Outcome[] = []
    for (const row of rows) {
      const key = edits.keyOfRow(row)
      const existing = key === undefined ? undefined : await this.#lockOne(key)
      if (key !== undefined && existing !== undefined) {
        const stored = toRow(existing)
        const wanted = stored.map((_, i) => row[i] ?? null)
        outcomes.push({ existing: modelRowId(key, imageOf(existing)), row: stored, wanted })
        continue
      }
      const [inserted] = await this.insert([row])
      if (key !== undefined) this.#locked.delete(key)
      outcomes.push({ inserted: defined(inserted, 'the inserted record') })
    }
    return outcomes
  }

  async update(changes: readonly { readonly id: RowId; readonly values: WriteRow }[]): Promise<Row[]> {
    const { edits, toRow, name } = this.#relation
    if (edits.update === undefined) throw unsupported(`UPDATE of "${name}"`)
    const rows: Row[] = []
    for (const [i, record] of (await this.#current(changes.map(({ id }) => id))).entries()) {
      const values = changes[i]?.values ?? []
      if (record !== undefined) rows.push(toRow(await edits.update(this.#models, record, values)))
    }
    return rows
  }

  async delete(ids: readonly RowId[]): Promise<Row[]> {
    const { edits, toRow, name } = this.#relation
    if (edits.delete === undefined) throw unsupported(`DELETE from "${name}"`)
    const records = (await this.#current(ids)).filter((record) => record !== undefined)
    for (const record of records) await edits.delete(this.#models, record)
    return records.map(toRow)
  }

  async lock(
    ids: readonly RowId[],
    strength: 'update' | 'share',
    wait: 'block' | 'nowait' | 'skip',
  ): Promise<boolean[]> {
    const keys = ids.map(keyOfModelRow)
    const mode = strength === 'update' ? 'exclusive' : 'shared'
    if (wait === 'skip') return this.#lockFree(keys, mode)
    await this.#lockAll(keys, { mode, wait: wait === 'nowait' ? 'nowait' : 'default' })
    return keys.map((key) => this.#locked.get(key) !== undefined)
  }

  hasChanged(id: RowId): boolean {
    const record = this.#locked.get(keyOfModelRow(id))
    return record === undefined || this.#relation.imageOf(record) !== partOf(id, 1)
  }

  finish(): Promise<void> {
    return Promise.resolve()
  }

  /** The records as they are, locked; undefined for those that are gone. */
  async #current(ids: readonly RowId[]): Promise<(T | undefined)[]> {
    const keys = ids.map(keyOfModelRow)
    const open = ids.filter((id) => !this.#locked.has(keyOfModelRow(id)))
    await this.#lockAll(open.map(keyOfModelRow), { mode: 'exclusive', wait: 'default' })
    for (const id of open) {
      if (this.#locked.get(keyOfModelRow(id)) !== undefined && this.hasChanged(id))
        throw queryError('serialization_failure', 'could not serialize access due to concurrent update')
    }
    const records = keys.map((key) => this.#locked.get(key))
    // What follows changes them.
    for (const key of keys) this.#locked.delete(key)
    return records
  }

  async #lockOne(key: string): Promise<T | undefined> {
    await this.#lockAll([key], { mode: 'exclusive', wait: 'default' })
    return this.#locked.get(key)
  }

  async #lockAll(keys: readonly string[], options: LockOptions): Promise<void> {
    if (keys.length === 0) return
    const { storage } = this.#models
    const { edits, name } = this.#relation
    try {
      await storage.lock(await edits.storeKeys(this.#models, keys), options)
    } catch (error) {
      if (options.wait !== 'nowait' || !hasCode(error, 'LOCK_NOT_AVAILABLE')) throw error
      throw queryError('lock_not_available', `could not obtain lock on row in relation "${name}"`, {}, error)
    }
    const records = await edits.get(this.#models, keys)
    keys.forEach((key, i) => this.#locked.set(key, records[i]))
  }

  /** Those that nobody holds. */
  async #lockFree(keys: readonly string[], mode: 'exclusive' | 'shared'): Promise<boolean[]> {
    const held: boolean[] = []
    for (const key of keys) {
      try {
        await this.#lockAll([key], { mode, wait: 'nowait' })
        held.push(this.#locked.get(key) !== undefined)
      } catch (error) {
        if (!hasCode(error, 'LOCK_NOT_AVAILABLE')) throw error
        held.push(false)
      }
    }
    return held
  }
}
