/** Checks a table's declaration and completes it. */
import { declareColumn, type DeclaredColumn } from './define-column.js'
import { ConstraintDefiner } from './define-constraints.js'
import { SchemaChecker } from './schema-problem.js'
import type { ColumnDefinition, TableDefinition } from './table-definition.js'
import type { TableInput } from './table-input.js'

const COLUMNS_MAX = 1000
const KEYS = ['columns', 'primaryKey', 'indexes', 'checks', 'foreignKeys']

/** Which stored column each declared one continues, and the first free id. */
export interface ColumnIds {
  readonly idOf: (name: string, column: DeclaredColumn) => number | undefined
  readonly nextId: number
}

const NEW_TABLE: ColumnIds = { idOf: () => undefined, nextId: 1 }

/**
 * The definition, with indexes numbered from 1: `evolveTable` gives stored ones their own ids back.
 * @throws SCHEMA_INVALID naming the table, the field, the value and what is accepted.
 */
export function defineTable(name: string, input: TableInput, ids: ColumnIds = NEW_TABLE): TableDefinition {
  const checker = new SchemaChecker(name)
  const fields = checker.object('the declaration', input, KEYS)
  const declared = declareColumns(checker, fields['columns'])
  const key = primaryKeyNames(checker, fields['primaryKey'], declared)
  const columns = numberColumns(declared, key, ids)
  const constraints = new ConstraintDefiner(name, columns, key).define(fields, declared)
  return {
    columns,
    ...constraints,
    nextColumnId: Math.max(ids.nextId, ...columns.map(({ id }) => id + 1)),
    nextIndexId: constraints.indexes.length + 1,
  }
}

function declareColumns(checker: SchemaChecker, input: unknown): ReadonlyMap<string, DeclaredColumn> {
  const entries = Object.entries(checker.object('columns', input))
  if (entries.length === 0 || entries.length > COLUMNS_MAX) {
    checker.fail('columns', `are ${entries.length}; a table has 1 to ${COLUMNS_MAX}`)
  }
  return new Map(entries.map(([name, column]) => [name, declareColumn(checker, name, column)]))
}

/** Empty for a table whose rows have a hidden id. */
function primaryKeyNames(
  checker: SchemaChecker,
  input: unknown,
  declared: ReadonlyMap<string, DeclaredColumn>,
): readonly string[] {
  const types = new Map([...declared].map(([name, { type }]) => [name, type]))
  const marked = [...declared].filter(([, { primaryKey }]) => primaryKey).map(([name]) => name)
  if (input === undefined) {
    if (marked.length > 1)
      checker.fail(
        'primaryKey',
        `is marked on ${marked.join(', ')}; name the columns of a composite key in primaryKey`,
      )
    return checker.sortable('primaryKey', marked, types)
  }
  const names = checker.columnNames('primaryKey', input, declared.keys())
  const other = marked.find((name) => !names.includes(name))
  if (other !== undefined)
    checker.fail('primaryKey', `leaves out column "${other}", which is marked as primary key`)
  return checker.sortable('primaryKey', names, types)
}

function numberColumns(
  declared: ReadonlyMap<string, DeclaredColumn>,
  key: readonly string[],
  { idOf, nextId }: ColumnIds,
): ColumnDefinition[] {
  let free = nextId
  return [...declared].map(([name, column]) => {
    const id = idOf(name, column) ?? free++
    return { id, ...column.definition, notNull: column.definition.notNull || key.includes(name) }
  })
}
