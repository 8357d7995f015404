/** Columns of CREATE TABLE and ADD COLUMN. */
import { defined } from '@orbit-ts/base'
import type { ColumnDefinition, SqlDefault } from '../../../../models/relational/schema/table-definition.js'
import { queryError, unsupported } from '../../../../scalar/condition.js'
import type { DataType } from '../../../../scalar/data-type.js'
import { bindTypeName } from '../../bind/types/type-names.js'
import { columnDataType } from '../../../../relation/column-data-type.js'
import { columnTypeOf } from '../../../../models/relational/layout/table-layout.js'
import { stringsOf, type ColumnDef, type Constraint, type Node, type TypeName } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { expressionText } from '../expression-text.js'
import type { StoredExpressionPlace } from '../../bind/bind-stored-expression.js'
import { bindTableExpression } from '../table-expression.js'
import { objectIdOf } from '../../catalog/oids.js'
import { ordinalsOf } from '../../catalog/stored-expressions.js'
import type { Expression } from '../../../../plan/expression.js'
import { simplify } from '../../../../plan/expressions/simplify.js'
import { statementState } from '../statement-state.js'
import { storedColumnType } from './stored-column-type.js'
import { sequenceDefault, type PendingSequence } from './pending-sequences.js'
import type { TableDraft } from './table-draft.js'

const SERIAL_TYPES: Readonly<Record<string, 'int2' | 'int4' | 'int8'>> = {
  smallserial: 'int2',
  serial2: 'int2',
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
}

const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['tableoid', 'ctid', 'xmin', 'cmin', 'xmax', 'cmax'])

/** What a column's clauses ask for beyond the column itself. */
export interface DraftedColumn {
  readonly column: ColumnDefinition
  readonly type: DataType
  /** Constraints of the table that were written with the column. */
  readonly constraints: readonly Constraint[]
  readonly sequence: PendingSequence | undefined
}

/** Adds a column to the draft; its default and expressions are bound once all columns are there. */
export function draftColumn(ddl: DefinitionContext, draft: TableDraft, def: ColumnDef): DraftedColumn {
  const name = def.colname ?? ''
  const clauses = (def.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []))
  const serial = serialType(def.typeName)
  const type = serial === undefined ? columnType(ddl, def) : systemType(ddl, serial)
  if (SYSTEM_COLUMNS.has(name))
    throw queryError('duplicate_column', `column name "${name}" conflicts with a system column name`)
  if (type.scalar.category === 'P' || type.scalar.name === 'unknown')
    throw queryError(
      'invalid_table_definition',
      `column "${name}" has pseudo-type ${type.scalar.displayName}`,
    )
  const generated = clauses.find(({ contype }) => contype === 'CONSTR_GENERATED')
  const identity = clauses.find(({ contype }) => contype === 'CONSTR_IDENTITY')
  checkClauses(`column "${name}" of table "${draft.name.name}"`, clauses, serial !== undefined)
  if (identity !== undefined) requireIdentityType(type)
  const isNotNull =
    serial !== undefined ||
    identity !== undefined ||
    clauses.some(({ contype }) => contype === 'CONSTR_NOTNULL' || contype === 'CONSTR_PRIMARY')
  const column = draft.addColumn({
    name,
    ...storedColumnType(ddl.catalog, name, type),
    notNull: isNotNull,
    ...(generated === undefined ? {} : { generated: { sql: expressionText(generated.raw_expr) } }),
  })
  return {
    column,
    type,
    constraints: attributedConstraints(clauses),
    sequence:
      serial !== undefined
        ? { column: column.id, type: serial, options: [], kind: 'serial' }
        : identity !== undefined
          ? {
              column: column.id,
              type: integerName(type),
              options: identity.options ?? [],
              kind: identity.generated_when === 'a' ? 'always' : 'by default',
            }
          : undefined,
  }
}

/** Looks at the default, the generation expression and their types; stores what is to be stored of them. */
export function bindColumnClauses(
  ddl: DefinitionContext,
  draft: TableDraft,
  { column, type }: Pick<DraftedColumn, 'column' | 'type'>,
  clauses: readonly Constraint[],
): void {
  const fallback = clauses.find(({ contype }) => contype === 'CONSTR_DEFAULT')
  const generated = clauses.find(({ contype }) => contype === 'CONSTR_GENERATED')
  const target = { column: column.name, type }
  if (fallback?.raw_expr !== undefined) {
    const found = columnDefault(ddl, draft, fallback.raw_expr, target)
    if (found !== undefined) draft.replaceColumn(column.id, (each) => ({ ...each, default: found }))
  }
  if (generated?.raw_expr !== undefined) {
    const bound = bindDraftExpression(ddl, draft, generated.raw_expr, 'generated', target)
    refuseGenerated(draft, bound)
  }
}

function refuseGenerated(draft: TableDraft, expression: Expression): void {
  const other = ordinalsOf(expression)
    .map((ordinal) => draft.columns[ordinal])
    .find((column) => column?.generated !== undefined)
  if (other === undefined) return
  throw queryError(
    'invalid_object_definition',
    `cannot use generated column "${other.name}" in column generation expression`,
    { detail: 'A generated column cannot reference another generated column.' },
  )
}

/** Undefined for a plain NULL, which is what a column has without any default. */
export function columnDefault(
  ddl: DefinitionContext,
  draft: TableDraft,
  node: Node,
  target: { readonly column: string; readonly type: DataType },
): SqlDefault | undefined {
  const bound = simplify(bindDraftExpression(ddl, draft, node, 'default', target), ddl.state.scalar)
  // A domain may have a default, which a null is put in place of.
  const isNull = 'A_Const' in node && node.A_Const.isnull === true
  if (isNull && target.type.domain === undefined) return undefined
  const sequence = ddl.catalog.sequenceFacts(sequenceOf(bound) ?? -1)
  if (sequence === undefined) return { sql: expressionText(node) }
  const { id, start, increment } = sequence
  return sequenceDefault({ id, start: Number(start), increment: Number(increment) })
}

/** The sequence whose numbers the expression is, and nothing else. */
function sequenceOf(expression: Expression): number | undefined {
  if (expression.kind === 'cast') return sequenceOf(expression.arg)
  if (expression.kind !== 'call') return undefined
  const [arg] = expression.args
  if (expression.function.name !== 'nextval')
    return expression.args.length === 1 && arg !== undefined ? sequenceOf(arg) : undefined
  return arg?.kind === 'constant' && typeof arg.value === 'number' ? objectIdOf(arg.value) : undefined
}

/** Binds an expression over the columns of a draft, to find what is wrong with it. */
export function bindDraftExpression(
  ddl: DefinitionContext,
  draft: TableDraft,
  node: Node,
  place: StoredExpressionPlace,
  target: { readonly column: string; readonly type: DataType } | 'condition' | undefined,
) {
  return bindTableExpression(
    {
      catalog: ddl.catalog,
      scalar: ddl.state.scalar,
      searchPath: ddl.searchPath,
      name: draft.name.name,
      columns: draft.columns.map((column) => ({ name: column.name, type: draftType(ddl, column) })),
    },
    { node, tree: ddl.tree },
    place,
    target,
  )
}

/** The type of a column of a draft. */
export function draftType(ddl: DefinitionContext, column: ColumnDefinition): DataType {
  const { modifier, collation, domain } = column
  return columnDataType(
    { type: columnTypeOf(column), modifier, collation, domain: domain?.id },
    ddl.catalog.types,
  )
}

export function columnType(
  ddl: DefinitionContext,
  def: Pick<ColumnDef, 'typeName' | 'collClause'>,
): DataType {
  const type = bindTypeName(statementState(ddl), def.typeName)
  if (def.collClause === undefined) return type
  const names = stringsOf(def.collClause.collname)
  const collation = ddl.catalog.findCollation({ name: names.at(-1) ?? '', schema: names.at(-2) })
  if (collation === undefined)
    throw queryError('undefined_object', `collation "${names.join('.')}" for encoding "UTF8" does not exist`)
  if (!type.scalar.isCollatable)
    throw queryError('datatype_mismatch', `collations are not supported by type ${type.scalar.displayName}`)
  return { ...type, collation }
}

export function serialType(type: TypeName | undefined): 'int2' | 'int4' | 'int8' | undefined {
  const names = stringsOf(type?.names)
  return names.length === 1 && type?.arrayBounds === undefined ? SERIAL_TYPES[names[0] ?? ''] : undefined
}

export function systemType(ddl: DefinitionContext, name: string): DataType {
  return { scalar: defined(ddl.catalog.registry.typeByName(name), name), modifier: -1 }
}

export function integerName({ scalar }: DataType): 'int2' | 'int4' | 'int8' {
  return scalar.name === 'int2' || scalar.name === 'int4' ? scalar.name : 'int8'
}

export function requireIdentityType({ scalar, domain }: DataType): void {
  if (domain === undefined && (scalar.name === 'int2' || scalar.name === 'int4' || scalar.name === 'int8'))
    return
  throw queryError('invalid_parameter_value', 'identity column type must be smallint, integer, or bigint')
}

const COUNTED: Readonly<Record<string, string>> = {
  CONSTR_DEFAULT: 'default values',
  CONSTR_IDENTITY: 'identity specifications',
  CONSTR_GENERATED: 'generation clauses',
}

function checkClauses(column: string, clauses: readonly Constraint[], isSerial: boolean): void {
  const has = (type: string): boolean => clauses.some(({ contype }) => contype === type)
  for (const [type, what] of Object.entries(COUNTED)) {
    if (clauses.filter(({ contype }) => contype === type).length > 1)
      throw syntax(`multiple ${what} specified for ${column}`)
  }
  if (isSerial && has('CONSTR_DEFAULT')) throw syntax(`multiple default values specified for ${column}`)
  if (has('CONSTR_NULL') && (has('CONSTR_NOTNULL') || isSerial || has('CONSTR_IDENTITY')))
    throw syntax(`conflicting NULL/NOT NULL declarations for ${column}`)
  if (has('CONSTR_DEFAULT') && has('CONSTR_IDENTITY'))
    throw syntax(`both default and identity specified for ${column}`)
  if (has('CONSTR_DEFAULT') && has('CONSTR_GENERATED'))
    throw syntax(`both default and generation expression specified for ${column}`)
  if (has('CONSTR_IDENTITY') && has('CONSTR_GENERATED'))
    throw syntax(`both identity and generation expression specified for ${column}`)
}

const syntax = (message: string): Error => queryError('syntax_error', message)

/** Constraints of the table among a column's clauses, each with the attributes that follow it. */
function attributedConstraints(clauses: readonly Constraint[]): Constraint[] {
  const found: Constraint[] = []
  let last: AttributedConstraint | undefined
  for (const clause of clauses) {
    if (clause.contype === 'CONSTR_EXCLUSION') throw unsupported('EXCLUDE')
    const attribute = ATTRIBUTES[clause.contype ?? '']
    if (attribute !== undefined) {
      if (last === undefined) throw syntax(`misplaced ${attribute} clause`)
      last.add(attribute)
      continue
    }
    last = TAKES_ATTRIBUTES.has(clause.contype) ? new AttributedConstraint(clause) : undefined
    if (last !== undefined) found.push(last.constraint)
    else if (clause.contype === 'CONSTR_CHECK') found.push(clause)
  }
  return found
}

type Attribute = 'DEFERRABLE' | 'NOT DEFERRABLE' | 'INITIALLY DEFERRED' | 'INITIALLY IMMEDIATE'

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  CONSTR_ATTR_DEFERRABLE: 'DEFERRABLE',
  CONSTR_ATTR_NOT_DEFERRABLE: 'NOT DEFERRABLE',
  CONSTR_ATTR_DEFERRED: 'INITIALLY DEFERRED',
  CONSTR_ATTR_IMMEDIATE: 'INITIALLY IMMEDIATE',
}

const TAKES_ATTRIBUTES: ReadonlySet<string | undefined> = new Set([
  'CONSTR_PRIMARY',
  'CONSTR_UNIQUE',
  'CONSTR_FOREIGN',
])

/** A constraint while attributes are added to it. */
class AttributedConstraint {
  readonly constraint: Constraint & { deferrable?: boolean; initdeferred?: boolean }
  #saysWhether = false
  #saysWhen = false

  constructor(clause: Constraint) {
    this.constraint = { ...clause }
  }

  /** @throws syntax_error */
  add(attribute: Attribute): void {
    const { constraint } = this
    if (attribute === 'DEFERRABLE' || attribute === 'NOT DEFERRABLE') {
      if (this.#saysWhether) throw syntax('multiple DEFERRABLE/NOT DEFERRABLE clauses not allowed')
      this.#saysWhether = true
      constraint.deferrable = attribute === 'DEFERRABLE'
    } else {
      if (this.#saysWhen) throw syntax('multiple INITIALLY IMMEDIATE/DEFERRED clauses not allowed')
      this.#saysWhen = true
      constraint.initdeferred = attribute === 'INITIALLY DEFERRED'
      if (constraint.initdeferred && !this.#saysWhether) constraint.deferrable = true
    }
    if (constraint.initdeferred === true && constraint.deferrable !== true)
      throw syntax('constraint declared INITIALLY DEFERRED must be DEFERRABLE')
  }
}
