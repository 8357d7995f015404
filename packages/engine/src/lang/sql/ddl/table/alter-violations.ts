import type { OrbitError } from '@orbit-ts/base'
import type { Datum } from '@orbit-ts/storage'
import type { IndexLayout } from '../../../../models/relational/layout/index-layout.js'
import type { RowCheck } from '../../../../models/relational/layout/row-check.js'
import type { LayoutColumn, TableLayout } from '../../../../models/relational/layout/table-layout.js'
import { TableViolations } from '../../../../relation/table-violations.js'
import { queryError } from '../../../../scalar/condition.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { TableObject } from '../../catalog/snapshot.js'
import type { DefinitionContext } from '../definition-context.js'

type Row = readonly (Datum | undefined)[]

/** What stored rows violate that a definition newly demands, in PostgreSQL's words. */
export class AlterViolations extends TableViolations {
  readonly #schema: string
  readonly #name: string

  constructor(ddl: DefinitionContext, { name }: Pick<TableObject, 'name'>) {
    super({ types: ddl.catalog.types, nameOf: splitObjectName }, ddl.state.scalar)
    const own = splitObjectName(name)
    this.#schema = own.schema
    this.#name = own.name
  }

  override notNull(_table: TableLayout, { name: column }: LayoutColumn): OrbitError {
    const [schema, table] = [this.#schema, this.#name]
    return queryError(
      'not_null_violation',
      `column "${column}" of relation "${table}" contains null values`,
      {
        schema,
        table,
        column,
      },
    )
  }

  override check(_table: TableLayout, { name: constraint }: RowCheck): OrbitError {
    const [schema, table] = [this.#schema, this.#name]
    return queryError(
      'check_violation',
      `check constraint "${constraint}" of relation "${table}" is violated by some row`,
      { schema, table, constraint },
    )
  }

  override rowExists(table: TableLayout, row: Row): OrbitError {
    return notUnique(super.rowExists(table, row))
  }

  override unique(table: TableLayout, index: IndexLayout, row: Row): OrbitError {
    return notUnique(super.unique(table, index, row))
  }
}

/** The error of a row that is in the way of another, as one of rows that are in the way of an index. */
export function notUnique({ details }: OrbitError): OrbitError {
  const { constraint, detail, schema, table } = details
  return queryError('unique_violation', `could not create unique index "${String(constraint)}"`, {
    detail: String(detail).replace(/ already exists\.$/, ' is duplicated.'),
    schema: String(schema),
    table: String(table),
    constraint: String(constraint),
  })
}
