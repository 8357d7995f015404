/** The errors of constraints in PostgreSQL's words, with the fields that its clients look at. */
import type { OrbitError } from '@orbit-ts/base'
import { NULL_DATUM, type Datum } from '@orbit-ts/storage'
import type { IndexLayout } from '../models/relational/layout/index-layout.js'
import type { Reference } from '../models/relational/layout/reference.js'
import type { RowCheck } from '../models/relational/layout/row-check.js'
import type { LayoutColumn, LayoutForeignKey, TableLayout } from '../models/relational/layout/table-layout.js'
import type { Violations } from '../models/relational/write/violations.js'
import { queryError } from '../scalar/condition.js'
import type { ScalarContext } from '../scalar/scalar-context.js'
import type { TableFacts } from './table-relation.js'
import { keyType, tableTypes } from './table-types.js'

type Row = readonly (Datum | undefined)[]

/** Characters of a value that a failing row is shown with. */
const SHOWN_MAX = 64

export class TableViolations implements Violations {
  readonly #facts: Pick<TableFacts, 'types' | 'nameOf'>
  readonly #scalar: ScalarContext

  constructor(facts: Pick<TableFacts, 'types' | 'nameOf'>, scalar: ScalarContext) {
    this.#facts = facts
    this.#scalar = scalar
  }

  notNull(table: TableLayout, column: LayoutColumn, row: Row): OrbitError {
    const { schema, name } = this.#facts.nameOf(table.name)
    return queryError(
      'not_null_violation',
      `null value in column "${column.name}" of relation "${name}" violates not-null constraint`,
      { detail: this.#failingRow(table, row), schema, table: name, column: column.name },
    )
  }

  check(table: TableLayout, { name: constraint }: RowCheck, row: Row): OrbitError {
    const { schema, name } = this.#facts.nameOf(table.name)
    return queryError(
      'check_violation',
      `new row for relation "${name}" violates check constraint "${constraint}"`,
      { detail: this.#failingRow(table, row), schema, table: name, constraint },
    )
  }

  domain(
    _table: TableLayout,
    _column: LayoutColumn,
    domain: string,
    constraint: string | undefined,
  ): OrbitError {
    return constraint === undefined
      ? queryError('not_null_violation', `domain ${domain} does not allow null values`, { dataType: domain })
      : queryError(
          'check_violation',
          `value for domain ${domain} violates check constraint "${constraint}"`,
          { dataType: domain, constraint },
        )
  }

  rowExists(table: TableLayout, row: Row): OrbitError {
    return this.#exists(table, table.primaryKeyName, this.#keyOf(table, table.primaryKey ?? [], row))
  }

  unique(table: TableLayout, index: IndexLayout, row: Row): OrbitError {
    const names = index.keys.map(({ column, expression }) => column?.name ?? expression?.sql ?? '')
    const values = index.keys.map(({ type, column }, i) => {
      if (column !== undefined) return this.#text(table, column, row[column.position])
      const datum = index.valueAt(i, row as readonly Datum[])
      if (datum.kind === 'null') return 'null'
      const { type: dataType, form } = keyType(type, this.#facts.types)
      return dataType.scalar.format(form.toValue(datum), this.#scalar)
    })
    return this.#exists(table, index.name, `(${names.join(', ')})=(${values.join(', ')})`)
  }

  missingParent(
    table: TableLayout,
    { name: constraint, columns, references }: LayoutForeignKey,
    row: Row,
  ): OrbitError {
    const { schema, name } = this.#facts.nameOf(table.name)
    const parent = this.#facts.nameOf(references.table)
    return queryError(
      'foreign_key_violation',
      `insert or update on table "${name}" violates foreign key constraint "${constraint}"`,
      {
        detail: `Key ${this.#keyOf(table, columns, row)} is not present in table "${parent.name}".`,
        schema,
        table: name,
        constraint,
      },
    )
  }

  partlyNull(table: TableLayout, { name: constraint }: LayoutForeignKey): OrbitError {
    const { schema, name } = this.#facts.nameOf(table.name)
    return queryError(
      'foreign_key_violation',
      `insert or update on table "${name}" violates foreign key constraint "${constraint}"`,
      {
        detail: 'MATCH FULL does not allow mixing of null and nonnull key values.',
        schema,
        table: name,
        constraint,
      },
    )
  }

  stillReferenced(
    { parent, columns }: Reference,
    values: readonly Datum[],
    child: TableLayout,
    constraint: string,
  ): OrbitError {
    const { schema, name } = this.#facts.nameOf(child.name)
    const row: Datum[] = []
    columns.forEach(({ position }, i) => (row[position] = values[i] ?? NULL_DATUM))
    return queryError(
      'foreign_key_violation',
      `update or delete on table "${this.#facts.nameOf(parent.name).name}" violates foreign key constraint "${constraint}" on table "${name}"`,
      {
        detail: `Key ${this.#keyOf(parent, columns, row)} is still referenced from table "${name}".`,
        schema,
        table: name,
        constraint,
      },
    )
  }

  #exists(table: TableLayout, constraint: string, key: string): OrbitError {
    const { schema, name } = this.#facts.nameOf(table.name)
    return queryError('unique_violation', `duplicate key value violates unique constraint "${constraint}"`, {
      detail: `Key ${key} already exists.`,
      schema,
      table: name,
      constraint,
    })
  }

  /** `(a, b)=(1, x)` */
  #keyOf(table: TableLayout, columns: readonly LayoutColumn[], row: Row): string {
    const names = columns.map(({ name }) => name).join(', ')
    const values = columns.map((column) => this.#text(table, column, row[column.position])).join(', ')
    return `(${names})=(${values})`
  }

  #failingRow(table: TableLayout, row: Row): string {
    const values = table.columns.map((column) => {
      const text = this.#text(table, column, row[column.position])
      const characters = Array.from(text)
      return characters.length > SHOWN_MAX ? `${characters.slice(0, SHOWN_MAX).join('')}...` : text
    })
    return `Failing row contains (${values.join(', ')}).`
  }

  #text(table: TableLayout, { position }: LayoutColumn, datum: Datum | undefined): string {
    const { types, forms } = tableTypes(table, this.#facts.types)
    const [type, form] = [types[position], forms[position]]
    if (datum === undefined || datum.kind === 'null' || type === undefined || form === undefined)
      return 'null'
    return type.scalar.format(form.toValue(datum), this.#scalar)
  }
}
