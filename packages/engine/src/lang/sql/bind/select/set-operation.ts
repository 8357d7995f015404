import type { Expression } from '../../../../plan/expression.js'
import type { LogicalPlan, OutputColumn, SetOperationPlan } from '../../../../plan/logical-plan.js'
import type { SelectStmt } from '../../parse/tree.js'
import { locationOf, note } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { deriveCollation, typeWith } from '../types/collations.js'
import { coerceToCommon, commonType } from '../types/common-type.js'
import { analyzeQuery, type AnalyzedQuery, type BoundQuery } from './bind-query.js'
import { finishRows } from './finish-rows.js'
import { requireEquality } from './sort-keys.js'

/** `left UNION right ORDER BY … LIMIT …`. */
export function analyzeSetOperation(scope: QueryScope, node: SelectStmt): AnalyzedQuery {
  const { plan } = combine(scope, node)
  return finishRows(scope, node, plan)
}

const OPERATIONS = {
  SETOP_NONE: 'union',
  SETOP_UNION: 'union',
  SETOP_INTERSECT: 'intersect',
  SETOP_EXCEPT: 'except',
} as const

function combine(scope: QueryScope, node: SelectStmt): BoundQuery {
  const { op } = node
  const left = bindSide(scope, node.larg, op === 'SETOP_INTERSECT' ? 'INTERSECT' : undefined)
  const what = op === 'SETOP_INTERSECT' ? 'INTERSECT' : op === 'SETOP_EXCEPT' ? 'EXCEPT' : undefined
  const right = bindSide(scope, node.rarg, what)
  return combineSides(scope, node, left, right)
}

/** A side of which the types of untyped literals are still open. */
export interface OpenSide {
  readonly query: AnalyzedQuery | undefined
  readonly build: () => BoundQuery
}

/** A nested operation without clauses of its own belongs to the same tree. */
function bindSide(scope: QueryScope, node: SelectStmt | undefined, setMember: string | undefined): OpenSide {
  if (node !== undefined && isBareOperation(node)) {
    const bound = combine(scope, node)
    return { query: undefined, build: () => bound }
  }
  return openSide(scope, node, setMember)
}

export function openSide(scope: QueryScope, node: SelectStmt | undefined, setMember?: string): OpenSide {
  const nested = scope.nested()
  nested.setMember = setMember
  nested.resolvesUnknown = false
  const query = analyzeQuery(nested, { SelectStmt: node ?? {} })
  let built: BoundQuery | undefined
  return { query, build: () => (built ??= query.build()) }
}

export function isBareOperation(node: SelectStmt): boolean {
  return (
    (node.op ?? 'SETOP_NONE') !== 'SETOP_NONE' &&
    node.sortClause === undefined &&
    node.limitCount === undefined &&
    node.limitOffset === undefined &&
    node.lockingClause === undefined &&
    node.withClause === undefined
  )
}

/** Brings two sides to common types and puts them together. */
export function combineSides(
  scope: QueryScope,
  node: SelectStmt,
  left: OpenSide,
  right: OpenSide,
): BoundQuery {
  const { statement } = scope
  const operation = OPERATIONS[node.op ?? 'SETOP_UNION']
  const columns = commonColumns(statement, operation.toUpperCase(), left, right)
  const output = columns.map(({ name, type }): OutputColumn => ({ id: statement.newColumn(), name, type }))
  const plan: SetOperationPlan = {
    kind: 'set-operation',
    operation,
    isAll: node.all === true,
    left: convert(statement, left.build(), columns),
    right: convert(statement, right.build(), columns),
    columns: output,
  }
  if (!plan.isAll) for (const column of columns) requireEquality(statement, column.sample)
  return { plan, columns: output }
}

/** The expressions that the columns of a side are, as far as they are known. */
export function sideExpressions(side: OpenSide): readonly Expression[] {
  const targets = side.query?.targets.filter(({ isJunk }) => !isJunk) ?? []
  if (targets.length > 0) return targets.map((target) => target.expression)
  return side.build().columns.map(({ id, name, type }) => ({ kind: 'column', column: id, name, type }))
}

interface CommonColumn {
  readonly name: string
  readonly type: Expression['type']
  readonly sample: Expression
}

function commonColumns(
  statement: StatementState,
  what: string,
  left: OpenSide,
  right: OpenSide,
): CommonColumn[] {
  const [ones, others] = [sideExpressions(left), sideExpressions(right)]
  checkCounts(statement, what, ones, others)
  const common = ones.map((one, index) => {
    const other = others[index] ?? one
    const type = commonType(statement, [one, other], what)
    const derived = deriveCollation(statement, [one, other])
    settleLiterals(statement, left, index, type, what)
    settleLiterals(statement, right, index, type, what)
    const collated = typeWith(type, derived.collation)
    const location = locationOf(one)
    const sample: Expression = { kind: 'constant', value: null, type: collated }
    return { type: collated, sample: location === undefined ? sample : note(sample, { location }) }
  })
  const names = namesOf(left)
  return common.map((column, index) => ({ ...column, name: names[index] ?? '' }))
}

export function checkCounts(
  statement: StatementState,
  what: string,
  ones: readonly Expression[],
  others: readonly Expression[],
): void {
  if (ones.length === others.length) return
  const [first] = others
  throw statement.error(
    'syntax_error',
    `each ${what} query must have the same number of columns`,
    first && locationOf(first),
  )
}

export function namesOf(side: OpenSide): readonly string[] {
  const targets = side.query?.targets.filter(({ isJunk }) => !isJunk) ?? []
  return (targets.length > 0 ? targets : side.build().columns).map(({ name }) => name)
}

/** Untyped literals get the type where they stand, so that what is wrong with them is said there. */
export function settleLiterals(
  statement: StatementState,
  side: OpenSide,
  index: number,
  type: Expression['type'],
  what: string,
): void {
  const target = side.query?.targets.filter(({ isJunk }) => !isJunk)[index]
  if (target === undefined || target.expression.type.scalar.oid !== OID.unknown) return
  target.expression = coerceToCommon(statement, target.expression, type, what)
}

/** A side with its columns as the common types. */
export function convert(
  statement: StatementState,
  { plan, columns }: BoundQuery,
  wanted: readonly { readonly type: Expression['type'] }[],
): LogicalPlan {
  const expressions = columns.map(({ id, name, type }, index): Expression => {
    const column: Expression = { kind: 'column', column: id, name, type }
    const target = wanted[index]?.type
    return target === undefined ? column : coerceToCommon(statement, column, target, 'UNION')
  })
  if (expressions.every((expression) => expression.kind === 'column')) return plan
  return {
    kind: 'project',
    input: plan,
    expressions,
    columns: expressions.map((expression, index): OutputColumn => {
      const id = expression.kind === 'column' ? expression.column : statement.newColumn()
      return { id, name: columns[index]?.name ?? '', type: expression.type }
    }),
  }
}
