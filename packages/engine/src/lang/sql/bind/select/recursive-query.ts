/** WITH RECURSIVE name AS (start UNION [ALL] step). */
import type { OrbitError } from '@orbit-ts/base'
import type { Expression } from '../../../../plan/expression.js'
import type { LogicalPlan, OutputColumn, RecursivePlan } from '../../../../plan/logical-plan.js'
import type { CommonTableExpr, Node, SelectStmt, WithClause } from '../../parse/tree.js'
import { locationOf } from '../context/facts.js'
import type { CommonTable } from '../scope/common-table.js'
import type { QueryScope } from '../scope/query-scope.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { commonType } from '../types/common-type.js'
import { bindQuery, type BoundQuery } from './bind-query.js'
import { renamed } from './renamed-columns.js'
import {
  checkCounts,
  convert,
  openSide,
  settleLiterals,
  sideExpressions,
  type OpenSide,
} from './set-operation.js'
import { requireEquality } from './sort-keys.js'
import { tableNames } from './table-names.js'

/** The definitions of a WITH, to be put around a plan. */
interface Definitions {
  wrap(body: LogicalPlan): LogicalPlan
}

/** Whether a query reads itself. */
export function isRecursiveForm(node: Node | undefined, name: string): boolean {
  return tableNames(node).has(name)
}

/** @param hiddenCount how many of the last columns the step does not see in `*` */
export function bindRecursive(
  scope: QueryScope,
  expression: CommonTableExpr,
  node: Node | undefined,
  hiddenCount: number,
  bindDefinitions: (scope: QueryScope, node: WithClause | undefined) => Definitions,
): BoundQuery {
  const { statement } = scope
  const { ctename: name = '', location = 0 } = expression
  const select = node !== undefined && 'SelectStmt' in node ? node.SelectStmt : undefined
  // A table of this name that a WITH of its own hides is no recursion, nor is one where the name never means it.
  if (select?.op !== 'SETOP_UNION') return bindSelfless(scope, expression, node)
  refuseClauses(scope, select)
  const outer = scope.nested()
  // Definitions of its own are outside the recursion, as those of the query around it.
  const own = refusing(outer, name, 'a subquery')
  outer.commons.push(own)
  const definitions = bindDefinitions(outer, select.withClause)
  outer.commons.splice(outer.commons.indexOf(own), 1)
  const start = bindStart(outer, expression, select)
  const id = statement.newDefinition()
  const { common, references } = workingTable(outer, expression, start, id, hiddenCount)
  outer.commons.push(common)
  const step = openSide(outer, select.rarg)
  if (references.count === 0) {
    outer.commons.pop()
    return bindQuery(outer, node)
  }
  checkStep(outer, select, location)
  const query = recursivePlan(outer, name, select, start, step, id)
  return select.withClause === undefined ? query : { ...query, plan: definitions.wrap(query.plan) }
}

/** A reference to itself is an error where nothing else of that name is meant. */
function bindSelfless(scope: QueryScope, expression: CommonTableExpr, node: Node | undefined): BoundQuery {
  const { statement } = scope
  const { ctename: name = '', location = 0 } = expression
  const outer = scope.nested()
  outer.commons.push({
    name,
    id: 0,
    columns: [],
    uses: 0,
    refuse: () =>
      statement.error(
        'invalid_recursion',
        `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
        location,
      ),
  })
  // In a scope of its own: a WITH of the query may define the name anew.
  return bindQuery(outer.nested(), node)
}

function refuseClauses(scope: QueryScope, node: SelectStmt): void {
  const refuse = (what: string): never => {
    throw scope.statement.error('feature_not_supported', `${what} in a recursive query is not implemented`)
  }
  if (node.sortClause !== undefined) refuse('ORDER BY')
  if (node.limitOffset !== undefined) refuse('OFFSET')
  if (node.limitCount !== undefined) refuse('LIMIT')
  if (node.lockingClause !== undefined) refuse('FOR UPDATE/SHARE')
}

/** What the name means where the recursion may not read itself. */
function refusing({ statement }: QueryScope, name: string, where: string): CommonTable {
  return {
    name,
    id: 0,
    columns: [],
    uses: 0,
    refuse: (location) =>
      statement.error(
        'invalid_recursion',
        `recursive reference to query "${name}" must not appear within ${where}`,
        location,
      ),
  }
}

function bindStart(outer: QueryScope, expression: CommonTableExpr, node: SelectStmt): OpenSide {
  const { statement } = outer
  const { ctename: name = '' } = expression
  outer.commons.push(refusing(outer, name, 'its non-recursive term'))
  const side = openSide(outer, node.larg)
  outer.commons.pop()
  // The step has to know the types.
  for (const target of side.query?.targets ?? []) {
    target.expression = resolveUnknown(statement, target.expression)
  }
  return side
}

/** The rows of the last round, as the step sees them. */
function workingTable(
  outer: QueryScope,
  expression: CommonTableExpr,
  start: OpenSide,
  id: number,
  hiddenCount: number,
): { readonly common: CommonTable; readonly references: { count: number } } {
  const { ctename: name = '' } = expression
  const references = { count: 0 }
  const columns = renamed(outer, expression, start.build())
  const visibleCount = columns.length - hiddenCount
  const common: CommonTable = {
    name,
    id,
    columns: columns.map((column, i) => (i < visibleCount ? column : { ...column, isHidden: true })),
    uses: 0,
    onUse: (scope, location) => {
      const refusal = refuseReference(outer, scope, name, location)
      if (refusal !== undefined) throw refusal
      references.count++
      scope.readsItself = true
      if (references.count > 1) {
        throw outer.statement.error(
          'invalid_recursion',
          `recursive reference to query "${name}" must not appear more than once`,
          location,
        )
      }
    },
  }
  return { common, references }
}

/** Where in the step the reference may not stand. */
function refuseReference(
  outer: QueryScope,
  scope: QueryScope,
  name: string,
  location: number,
): OrbitError | undefined {
  const refuse = (where: string): OrbitError =>
    outer.statement.error(
      'invalid_recursion',
      `recursive reference to query "${name}" must not appear within ${where}`,
      location,
    )
  for (
    let level: QueryScope | undefined = scope;
    level !== undefined && level !== outer;
    level = level.parent
  ) {
    if (level.nullableDepth > 0) return refuse('an outer join')
    if (level.isSublink) return refuse('a subquery')
    if (level.setMember !== undefined) return refuse(level.setMember)
  }
  return undefined
}

/** @throws invalid_recursion when the step's own rows are put together before they go round again */
function checkStep(outer: QueryScope, { rarg }: SelectStmt, location: number): void {
  const { statement } = outer
  const refuse = (what: string): never => {
    throw statement.error(
      'feature_not_supported',
      `${what} in a recursive query is not implemented`,
      location,
    )
  }
  if (rarg?.sortClause !== undefined) refuse('ORDER BY')
  if (rarg?.limitOffset !== undefined) refuse('OFFSET')
  if (rarg?.limitCount !== undefined) refuse('LIMIT')
  if (rarg?.lockingClause !== undefined) refuse('FOR UPDATE/SHARE')
}

function recursivePlan(
  outer: QueryScope,
  name: string,
  node: SelectStmt,
  start: OpenSide,
  step: OpenSide,
  id: number,
): BoundQuery {
  const { statement } = outer
  const isDistinct = node.all !== true
  const [ones, others] = [sideExpressions(start), sideExpressions(step)]
  checkCounts(statement, 'UNION', ones, others)
  const columns = start.build().columns.map((column, index): OutputColumn => {
    const [one, other] = [ones[index], others[index]]
    if (one !== undefined && other !== undefined) checkType(outer, name, index, one, other)
    settleLiterals(statement, step, index, column.type, 'UNION')
    if (isDistinct && one !== undefined) requireEquality(statement, one)
    return { id: statement.newColumn(), name: column.name, type: column.type }
  })
  const plan: RecursivePlan = {
    kind: 'recursive',
    id,
    start: start.build().plan,
    step: convert(statement, step.build(), columns),
    isDistinct,
    columns,
  }
  return { plan, columns }
}

/** The start alone decides the types: the step may not need wider ones. */
function checkType(
  { statement }: QueryScope,
  name: string,
  index: number,
  one: Expression,
  other: Expression,
): void {
  const overall = commonType(statement, [one, other], 'UNION')
  const { scalar, modifier } = one.type
  if (overall.scalar.oid === scalar.oid && (modifier < 0 || overall.modifier === modifier)) return
  throw statement.error(
    'datatype_mismatch',
    `recursive query "${name}" column ${index + 1} has type ${typeText(one)} in non-recursive term but type ${typeText({ ...one, type: overall })} overall`,
    locationOf(one),
    { hint: 'Cast the output of the non-recursive term to the correct type.' },
  )
}

function typeText({ type: { scalar, modifier } }: Expression): string {
  if (modifier < 0 || scalar.formatModifier === undefined) return scalar.displayName
  return `${scalar.displayName}${scalar.formatModifier(modifier)}`
}
