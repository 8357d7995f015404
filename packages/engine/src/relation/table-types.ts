import { defined } from '@orbit-ts/base'
import type { LayoutColumn, TableLayout } from '../models/relational/layout/table-layout.js'
import { storedForm, type StoredForm } from '../models/relational/types/stored-form.js'
import type { ColumnType } from '../models/relational/types/column-type.js'
import type { DataType } from '../scalar/data-type.js'
import { columnDataType, type TypeLookup } from './column-data-type.js'

/** What the values of a table's columns are, and how they are stored. By position. */
export interface TableTypes {
  readonly types: readonly DataType[]
  readonly forms: readonly StoredForm[]
  readonly lookup: TypeLookup
}

const KNOWN = new WeakMap<TableLayout, TableTypes>()

/** Of one definition of a table; the types that users made are those of the time when it is first asked for. */
export function tableTypes(layout: TableLayout, lookup: TypeLookup): TableTypes {
  const known = KNOWN.get(layout)
  if (known !== undefined) return known
  const types = layout.columns.map((column) => columnDataType(factsOf(layout, column), lookup))
  const forms = layout.columns.map(({ type, position }) =>
    storedForm(type, defined(types[position], 'the type of the column').scalar),
  )
  const made = { types, forms, lookup }
  KNOWN.set(layout, made)
  return made
}

/** The type and the stored form of something that is no column: the key of an index. */
export function keyType(
  type: ColumnType,
  lookup: TypeLookup,
): { readonly type: DataType; readonly form: StoredForm } {
  const dataType = columnDataType({ type }, lookup)
  return { type: dataType, form: storedForm(type, dataType.scalar) }
}

function factsOf(layout: TableLayout, { id, type }: LayoutColumn) {
  const definition = layout.definition.columns.find((column) => column.id === id)
  const { modifier, collation, domain } = definition ?? {}
  return { type, modifier, collation, domain: domain?.id }
}
