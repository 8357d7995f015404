import { equalBytes, toBinaryString } from '@orbit-ts/base'
import { NULL_DATUM, encodeDatums, type Datum } from '@orbit-ts/storage'
import { resolveReference, type Reference } from '../layout/reference.js'
import type { LayoutColumn, LayoutForeignKey, TableLayout, TableRow } from '../layout/table-layout.js'
import type { Referrer, Tables } from '../layout/tables.js'
import { TableReader } from '../read/table-reader.js'
import { keyDatum } from '../types/format-value.js'
import { findChildren } from './child-rows.js'

interface ChildCheck {
  readonly child: TableLayout
  readonly foreignKey: LayoutForeignKey
  readonly rows: readonly TableRow[]
}

interface ParentCheck {
  readonly referrer: Referrer
  readonly reference: Reference
  readonly keys: readonly (readonly Datum[])[]
}

/** Foreign keys to be checked at the end of a statement or of the transaction. */
export class ReferenceChecks {
  readonly #tables: Tables
  readonly #children: ChildCheck[] = []
  readonly #parents: ParentCheck[] = []

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** Rows whose foreign key must have its row. One with a null in it refers to nothing (MATCH SIMPLE). */
  addChildren(child: TableLayout, foreignKey: LayoutForeignKey, rows: readonly TableRow[]): void {
    if (foreignKey.matchFull === true) this.#requireFull(child, foreignKey, rows)
    const referring = rows.filter((row) => hasKey(foreignKey.columns, row))
    if (referring.length > 0) this.#children.push({ child, foreignKey, rows: referring })
  }

  /** MATCH FULL: all of the key is null, or nothing of it. */
  #requireFull(child: TableLayout, foreignKey: LayoutForeignKey, rows: readonly TableRow[]): void {
    for (const { datums } of rows) {
      const kinds = valuesAt(foreignKey.columns, datums).map(({ kind }) => kind === 'null')
      if (kinds.includes(true) && kinds.includes(false))
        throw this.#tables.violations.partlyNull(child, foreignKey, datums)
    }
  }

  /** Keys that rows had and that nobody may refer to any more, unless another row has them. */
  addParents(referrer: Referrer, reference: Reference, keys: readonly (readonly Datum[])[]): void {
    this.#parents.push({ referrer, reference, keys })
  }

  /** @throws FOREIGN_KEY_VIOLATION */
  async run(): Promise<void> {
    for (const check of this.#children) await this.#checkChildren(check)
    for (const check of this.#parents) await this.#checkParents(check)
  }

  async #checkChildren({ child, foreignKey, rows }: ChildCheck): Promise<void> {
    const { storage } = this.#tables.context
    const { table } = foreignKey.references
    const parent = table === child.name ? child : await this.#tables.get(table)
    const reference = resolveReference(child, foreignKey, parent)
    const wanted = new Map<string, { readonly key: Uint8Array; readonly row: TableRow }>()
    for (const row of rows) {
      const key = reference.keyOf(valuesAt(foreignKey.columns, row.datums))
      wanted.set(toBinaryString(key), { key, row })
    }
    const keys = [...wanted.values()].map(({ key }) => key)
    await storage.lock(keys, { mode: 'shared' })
    const found = await storage.getMany(keys)
    const missing = [...wanted.values()].filter((_, i) => found[i] === undefined)
    for (const { key, row } of missing) {
      if (await this.#stillRefers(child, foreignKey, reference, row, key))
        throw this.#tables.violations.missingParent(child, foreignKey, row.datums)
    }
  }

  /** A later step of the statement may have deleted the row again, or pointed it elsewhere. */
  async #stillRefers(
    child: TableLayout,
    { columns }: LayoutForeignKey,
    reference: Reference,
    row: TableRow,
    key: Uint8Array,
  ): Promise<boolean> {
    const [current] = await new TableReader(this.#tables.context.storage, child).getMany([row.handle])
    return (
      current !== undefined &&
      hasKey(columns, current) &&
      equalBytes(reference.keyOf(valuesAt(columns, current.datums)), key)
    )
  }

  async #checkParents({ referrer: { child, foreignKey }, reference, keys }: ParentCheck): Promise<void> {
    const { storage } = this.#tables.context
    const found = await storage.getMany(keys.map((values) => reference.keyOf(values)))
    const gone = keys.filter((_, i) => found[i] === undefined)
    const [first] = await findChildren(storage, child, foreignKey, gone, 1)
    if (first !== undefined)
      throw this.#tables.violations.stillReferenced(
        reference,
        gone[first.keyIndex] ?? [],
        child,
        foreignKey.name,
      )
  }
}

export function hasKey(columns: readonly LayoutColumn[], { datums }: TableRow): boolean {
  return columns.every(({ position }) => (datums[position] ?? NULL_DATUM).kind !== 'null')
}

export function valuesAt(columns: readonly LayoutColumn[], datums: readonly Datum[]): Datum[] {
  return columns.map(({ position }) => datums[position] ?? NULL_DATUM)
}

/** True when the rows differ in one of the columns. */
export function differ(
  columns: readonly LayoutColumn[],
  before: readonly Datum[],
  after: readonly Datum[],
): boolean {
  return columns.some(({ position, type }) => {
    const [a, b] = [before[position] ?? NULL_DATUM, after[position] ?? NULL_DATUM]
    return a !== b && !equalBytes(encodeDatums([keyDatum(type, a)]), encodeDatums([keyDatum(type, b)]))
  })
}
