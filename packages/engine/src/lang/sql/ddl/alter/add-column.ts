import { defined } from '@orbit-ts/base'
import { columnTypeOf } from '../../../../models/relational/layout/table-layout.js'
import type { ColumnDefinition } from '../../../../models/relational/schema/table-definition.js'
import { toJson } from '../../../../models/relational/schema/json-literal.js'
import { formatValue } from '../../../../models/relational/types/format-value.js'
import { parseValue } from '../../../../models/relational/types/parse-value.js'
import { isVolatile } from '../../../../plan/expressions/volatility.js'
import { keyType } from '../../../../relation/table-types.js'
import { takeSequenceNumbers } from '../../../../relation/sequence-numbers.js'
import type { DataType } from '../../../../scalar/data-type.js'
import { queryError } from '../../../../scalar/condition.js'
import { int64, type Value } from '../../../../scalar/value.js'
import { functionServices } from '../../session/function-services.js'
import { parseExpression } from '../../parse/parse-statements.js'
import type { AlterTableCmd, Constraint, Node } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { compileLoneExpression, type EvaluationContext } from '../evaluate-expression.js'
import { constraintsOf } from '../table/create-table.js'
import { bindColumnClauses, bindDraftExpression, draftColumn } from '../table/draft-columns.js'
import { draftConstraint } from '../table/draft-constraints.js'
import { numberSequence, storeSequence } from '../table/pending-sequences.js'
import type { NewValue } from '../table/table-change.js'
import type { TableAlteration } from './alter-table.js'

/** ADD COLUMN. */
export async function addColumn(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const { ddl, draft } = alteration
  const def = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined
  if (def === undefined) return
  const name = def.colname ?? ''
  if (draft.find(name) !== undefined) {
    const message = `column "${name}" of relation "${alteration.name}" already exists`
    if (command.missing_ok !== true) throw queryError('duplicate_column', message)
    ddl.notice(`${message}, skipping`, '42701')
    return
  }
  const clauses = constraintsOf(def)
  const drafted = draftColumn(ddl, draft, def)
  const { column, type, sequence } = drafted
  bindColumnClauses(ddl, draft, drafted, clauses)
  for (const constraint of drafted.constraints) draftColumnConstraint(alteration, constraint, name)
  if (sequence !== undefined) alteration.sequences.push(await numberSequence(ddl, draft, sequence))
  alteration.touch()
  if (column.notNull) alteration.notNull.add(column.id)
  await fillColumn(alteration, draft.column(column.id), type, clauses)
}

function draftColumnConstraint(alteration: TableAlteration, constraint: Constraint, column: string): void {
  const { ddl, draft } = alteration
  draftConstraint(ddl, draft, constraint, column)
  if (constraint.contype === 'CONSTR_CHECK') alteration.checks.add(draft.checks.at(-1)?.name ?? '')
  if (constraint.contype === 'CONSTR_FOREIGN')
    alteration.foreignKeys.add(draft.foreignKeys.at(-1)?.name ?? '')
}

/** What rows that are there have in the new column. */
async function fillColumn(
  alteration: TableAlteration,
  column: ColumnDefinition,
  type: DataType,
  clauses: readonly Constraint[],
): Promise<void> {
  const { ddl, draft, newValues } = alteration
  if (column.generated !== undefined) {
    // It is computed when the row is written anew.
    newValues.set(column.id, () => null)
    return
  }
  const pending = alteration.sequences.find((each) => each.column === column.id)
  if (pending !== undefined) {
    newValues.set(column.id, await pendingNumbers(alteration, pending.id))
    return
  }
  const node = clauses.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr ?? domainDefault(column)
  if (node === undefined) {
    if (isDemanding(type)) newValues.set(column.id, () => null)
    return
  }
  const compute = defaultValue(ddl, alteration, node, { column: column.name, type })
  if (compute.isVolatile) {
    newValues.set(column.id, compute.value)
    return
  }
  const value = await compute.value([])
  if (isDemanding(type)) {
    newValues.set(column.id, () => value)
    return
  }
  if (value === null) return
  const absent = literalOf(ddl, column, value)
  if (absent === undefined) newValues.set(column.id, () => value)
  else draft.replaceColumn(column.id, (each) => ({ ...each, absent: { value: absent } }))
}

function domainDefault({ domain }: ColumnDefinition): Node | undefined {
  return domain?.default === undefined ? undefined : parseExpression(domain.default.sql).node
}

/** Not every value of the type is one of its domain: rows have to be looked at. */
export function isDemanding({ domain }: DataType): boolean {
  return domain !== undefined && (domain.isNotNull || domain.checks.length > 0)
}

/** The numbers of a sequence that is not stored yet: counted from its start, and set when it is stored. */
async function pendingNumbers(alteration: TableAlteration, id: number): Promise<NewValue> {
  const { ddl } = alteration
  const column = defined(
    alteration.draft.columns.find(
      ({ identity, default: fallback }) =>
        identity?.sequence === id ||
        (fallback !== undefined && 'sql' in fallback && fallback.sequence?.id === id),
    ),
    'the column of the sequence',
  )
  // Its record has to be there before numbers can be taken of it.
  const pending = alteration.sequences.findIndex((each) => each.column === column.id)
  for (const sequence of alteration.sequences.splice(pending, 1))
    await storeSequence(ddl, alteration.table.id, sequence)
  const facts = defined(ddl.catalog.sequenceFacts(id), 'the sequence')
  return async () => {
    const [number] = await takeSequenceNumbers(ddl.context, facts, 1)
    return int64(defined(number, 'a number of the sequence'))
  }
}

export function defaultValue(
  ddl: DefinitionContext,
  alteration: TableAlteration,
  node: Node,
  target: { readonly column: string; readonly type: DataType },
): { readonly isVolatile: boolean; readonly value: NewValue } {
  const expression = bindDraftExpression(ddl, alteration.draft, node, 'default', target)
  const evaluate = compileLoneExpression(expression, ddl.state.scalar)
  const context = evaluationContext(ddl)
  return { isVolatile: isVolatile(expression), value: () => evaluate(context) }
}

export function evaluationContext(ddl: DefinitionContext): EvaluationContext {
  return {
    models: ddl.context,
    scalar: ddl.state.scalar,
    signal: ddl.scope.signal,
    services: functionServices(ddl.state, { ...ddl.scope, catalog: ddl.catalog }),
  }
}

/** The value as definitions hold it; undefined where that would not give it back. */
function literalOf(ddl: DefinitionContext, column: ColumnDefinition, value: Value): unknown {
  const type = columnTypeOf(column)
  const datum = keyType(type, ddl.catalog.types).form.toDatum(value)
  const literal = toJson(formatValue(type, datum))
  const back = parseValue(type, literal)
  return shape(back) === shape(datum) ? literal : undefined
}

const shape = (datum: unknown): string =>
  JSON.stringify(datum, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
