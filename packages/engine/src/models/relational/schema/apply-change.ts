/** Checks definitions against other tables, and brings rows along when a definition changes. */
import { OrbitError } from '@orbit-ts/base'
import { NULL_DATUM, relationalKeys, type Datum } from '@orbit-ts/storage'
import { resolveReference } from '../layout/reference.js'
import {
  TableLayout,
  type LayoutColumn,
  type LayoutForeignKey,
  type TableRow,
} from '../layout/table-layout.js'
import type { TableObject, Tables } from '../layout/tables.js'
import { TableReader } from '../read/table-reader.js'
import { completeRows } from '../write/complete-rows.js'
import { ReferenceChecks } from '../write/reference-checks.js'
import type { GivenRow } from '../write/parse-rows.js'
import { checkRow } from '../write/parse-rows.js'
import { mismatch } from './evolve-table.js'

/** A foreign key needs its table, with a key over the columns it names. */
export async function checkNewTable(tables: Tables, object: TableObject): Promise<void> {
  tables.forget()
  const table = TableLayout.of(object)
  await checkReferences(tables, table, table.foreignKeys)
}

/** @throws FOREIGN_KEY_VIOLATION when other tables refer to the table. */
export async function checkDrop(tables: Tables, { name }: TableObject): Promise<void> {
  const others = (await tables.referrers(name)).filter(({ child }) => child.name !== name)
  tables.forget()
  const [first] = others
  if (first === undefined) return
  throw new OrbitError(
    'FOREIGN_KEY_VIOLATION',
    `table "${name}" cannot be dropped: ${first.child.what} refers to it (foreign key "${first.foreignKey.name}"); drop that first`,
    { model: 'table', object: name, referrer: first.child.name, constraint: first.foreignKey.name },
  )
}

export async function applyChange(tables: Tables, before: TableObject, after: TableObject): Promise<void> {
  tables.forget()
  const [old, table] = [TableLayout.of(before), TableLayout.of(after)]
  const newKeys = table.foreignKeys.filter((key) => !old.foreignKeys.some((stored) => isSameKey(stored, key)))
  await checkReferences(tables, table, newKeys)
  await checkReferrers(tables, table)
  await new RowsChange(tables, old, table, newKeys).run()
}

async function checkReferences(
  tables: Tables,
  table: TableLayout,
  keys: readonly LayoutForeignKey[],
): Promise<void> {
  for (const key of keys) {
    const { table: name } = key.references
    // Protected, so that it cannot be dropped or changed at the same time.
    resolveReference(table, key, name === table.name ? table : await tables.forWrite(name))
  }
}

/** The tables that refer to this one must still find what they refer to. */
async function checkReferrers(tables: Tables, table: TableLayout): Promise<void> {
  for (const { child, foreignKey } of await tables.referrers(table.name)) {
    if (child.name === table.name) continue
    try {
      resolveReference(child, foreignKey, table)
    } catch (error) {
      throw mismatch(
        table.name,
        `the change would break a foreign key of another table: ${OrbitError.from(error).reason}`,
        {
          referrer: child.name,
          constraint: foreignKey.name,
        },
      )
    }
  }
}

function isSameKey(a: LayoutForeignKey, b: LayoutForeignKey): boolean {
  const ids = (key: LayoutForeignKey): string =>
    JSON.stringify([key.columns.map(({ id }) => id), key.references])
  return ids(a) === ids(b)
}

/** One pass over the rows for all that a change asks of them; none when it asks nothing. */
class RowsChange {
  readonly #tables: Tables
  readonly #table: TableLayout
  /** Columns whose default has to be computed for each stored row. */
  readonly #fill: readonly LayoutColumn[]
  readonly #foreignKeys: readonly LayoutForeignKey[]
  readonly #checksRows: boolean

  constructor(
    tables: Tables,
    old: TableLayout,
    table: TableLayout,
    foreignKeys: readonly LayoutForeignKey[],
  ) {
    this.#tables = tables
    this.#table = table
    this.#foreignKeys = foreignKeys
    const added = table.columns.filter(({ id }) => !old.columns.some((column) => column.id === id))
    this.#fill = added.filter(
      ({ default: fallback, identity }) => identity !== undefined || typeof fallback === 'string',
    )
    const tightened = table.columns.some(
      ({ id, notNull }) => notNull && old.columns.find((column) => column.id === id)?.notNull !== true,
    )
    const newChecks = table.checks.some(({ text }) => !old.checks.some((check) => check.text === text))
    this.#checksRows = tightened || newChecks
  }

  async run(): Promise<void> {
    if (!this.#checksRows && this.#fill.length === 0 && this.#foreignKeys.length === 0) return
    const reader = new TableReader(this.#tables.context.storage, this.#table)
    for await (const rows of reader.scanRows(relationalKeys.rows(this.#table.id))) await this.#change(rows)
  }

  async #change(stored: readonly TableRow[]): Promise<void> {
    const rows = this.#fill.length === 0 ? stored : await this.#filled(stored)
    if (this.#checksRows)
      for (const { datums } of rows) checkRow(this.#table, datums, this.#tables.violations)
    const references = new ReferenceChecks(this.#tables)
    for (const key of this.#foreignKeys) references.addChildren(this.#table, key, rows)
    await references.run()
  }

  async #filled(rows: readonly TableRow[]): Promise<TableRow[]> {
    const given = rows.map(({ datums }): GivenRow => {
      const row: GivenRow = [...datums]
      for (const { position } of this.#fill) row[position] = undefined
      return row
    })
    const complete = await completeRows(this.#tables.context, this.#table, given)
    return rows.map(({ handle }, i) => {
      const datums: readonly Datum[] = complete[i] ?? [NULL_DATUM]
      this.#tables.context.storage.put(this.#table.rowKey(handle), this.#table.encode(datums))
      return { handle, datums }
    })
  }
}
