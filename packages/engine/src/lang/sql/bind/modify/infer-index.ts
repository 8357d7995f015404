import { isSameExpression } from '../../../../plan/expressions/expression-key.js'
import type { Expression } from '../../../../plan/expression.js'
import { implies } from '../../../../plan/optimize/access/implies.js'
import type { Relation, RelationIndex } from '../../../../relation/relation.js'
import type { IndexElem, InferClause } from '../../parse/tree.js'
import { bindIn } from '../expressions/bind-expression.js'
import { RangeItem } from '../scope/range-item.js'
import { QueryScope } from '../scope/query-scope.js'
import { coerceToBoolean } from '../types/coerce.js'
import type { TargetRelation } from './target-relation.js'

/** The name of the unique index that ON CONFLICT means. @throws undefined_object, invalid_column_reference */
export function inferIndex(scope: QueryScope, target: TargetRelation, node: InferClause): string {
  const { relation } = target
  if (node.conname !== undefined) return requireConstraint(scope, relation, node.conname)
  const inner = ordinalScope(scope, target)
  const keys = (node.indexElems ?? []).flatMap((element) =>
    'IndexElem' in element ? [bindKey(inner, target, element.IndexElem, node.location)] : [],
  )
  const condition =
    node.whereClause === undefined
      ? []
      : conjunctsOf(
          coerceToBoolean(scope.statement, bindIn(inner, 'index predicate', node.whereClause), 'WHERE'),
        )
  const found = relation.indexes.find(
    (index) => isKey(index) && hasKeys(index, keys) && isImplied(index.predicate, condition),
  )
  if (found !== undefined) return arbiter(scope, found)
  throw scope.statement.error(
    'invalid_column_reference',
    'there is no unique or exclusion constraint matching the ON CONFLICT specification',
  )
}

function requireConstraint(scope: QueryScope, relation: Relation, name: string): string {
  const index = relation.indexes.find((one) => one.name === name && isKey(one))
  if (index !== undefined) return arbiter(scope, index)
  throw scope.statement.error(
    'undefined_object',
    `constraint "${name}" for table "${relation.name}" does not exist`,
  )
}

const isKey = ({ isUnique, isDeferrable }: RelationIndex): boolean => isUnique || isDeferrable === true

/** @throws object_not_in_prerequisite_state */
function arbiter({ statement }: QueryScope, { name, isDeferrable }: RelationIndex): string {
  if (isDeferrable !== true) return name
  throw statement.error(
    'object_not_in_prerequisite_state',
    'ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters',
  )
}

/** ON CONFLICT without a target means all unique indexes. @throws object_not_in_prerequisite_state */
export function requireArbiters(scope: QueryScope, { relation }: TargetRelation): void {
  for (const index of relation.indexes) arbiter(scope, index)
}

/** Names of columns mean their ordinals here, as in the expressions of indexes. */
function ordinalScope({ statement }: QueryScope, target: TargetRelation): QueryScope {
  const { relation, read } = target
  const inner = new QueryScope(statement, undefined)
  const item = new RangeItem({
    kind: 'relation',
    name: target.alias,
    relation,
    columns: target.columns.flatMap(({ name, ordinal }) => {
      const type = relation.columns[ordinal ?? -1]?.type
      if (type === undefined || ordinal === undefined) return []
      const value: Expression = { kind: 'column', column: ordinal, name, type }
      return [{ name, type, value, reads: [{ use: read, column: name }] }]
    }),
  })
  inner.items = [item]
  inner.addItem(item)
  return inner
}

function bindKey(
  inner: QueryScope,
  { columns }: TargetRelation,
  { name, expr }: IndexElem,
  location: number | undefined,
): number | Expression {
  if (name === undefined) return bindIn(inner, 'index expression', expr)
  const ordinal = columns.find((column) => column.name === name)?.ordinal
  if (ordinal !== undefined) return ordinal
  throw inner.statement.error('undefined_column', `column "${name}" does not exist`, location ?? 0)
}

function hasKeys({ keys }: RelationIndex, wanted: readonly (number | Expression)[]): boolean {
  return (
    wanted.length > 0 &&
    keys.every(({ key }) => wanted.some((one) => isSameKey(key, one))) &&
    wanted.every((one) => keys.some(({ key }) => isSameKey(key, one)))
  )
}

function isSameKey(one: number | Expression, other: number | Expression): boolean {
  if (typeof one === 'number' || typeof other === 'number') return one === other
  return isSameExpression(one, other)
}

/** Whether rows that meet the conditions are all in a partial index: those that it asks for are among them. */
function isImplied(predicate: Expression | undefined, conditions: readonly Expression[]): boolean {
  if (predicate === undefined) return true
  return conjunctsOf(predicate).every((part) => implies(conditions, part))
}

function conjunctsOf(condition: Expression): readonly Expression[] {
  return condition.kind === 'and' ? condition.args.flatMap(conjunctsOf) : [plainTruth(condition)]
}

/** `a = true` says what `a` says. */
function plainTruth(condition: Expression): Expression {
  if (condition.kind !== 'call' || condition.operator?.comparison !== 'eq') return condition
  const [left, right] = condition.args
  const isTrue = (side: Expression | undefined): boolean => side?.kind === 'constant' && side.value === true
  if (left !== undefined && isTrue(right)) return left
  return right !== undefined && isTrue(left) ? right : condition
}
