/**
 * The plan as it is written: whole scans, nested loops in the given order, subqueries run for each row. It is what the
 * optimizer's answers are checked against.
 */
import type { ExecutablePlan, Estimate, PhysicalPlan } from '../physical-plan.js'
import type { JoinPlan, LogicalPlan } from '../logical-plan.js'
import type { Expression, SortKey } from '../expression.js'
import { isModifying } from '../logical/is-modifying.js'
import { planSubqueries } from '../physical/plan-subqueries.js'

const UNKNOWN: Estimate = { rows: 1000, startupCost: 0, totalCost: 1000, width: 32 }

/** Translates a plan operator by operator, without looking for a better one. */
export function planDirectly(plan: LogicalPlan): ExecutablePlan {
  const root = translate(plan)
  return {
    root,
    subqueries: planSubqueries(root, translate),
    isModifying: root.kind === 'modify' && root.columns.length === 0,
  }
}

function translate(plan: LogicalPlan): PhysicalPlan {
  const { columns } = plan
  const base = { columns, estimate: UNKNOWN }
  switch (plan.kind) {
    case 'scan':
      return {
        ...base,
        kind: 'table-scan',
        relation: plan.relation,
        alias: plan.alias,
        ordinals: plan.ordinals,
        access: { kind: 'all' },
        isReverse: false,
      }
    case 'values':
      return { ...base, kind: 'values', rows: plan.rows }
    case 'filter':
      return { ...base, kind: 'filter', input: translate(plan.input), condition: plan.condition }
    case 'project':
      return { ...base, kind: 'project', input: translate(plan.input), expressions: plan.expressions }
    case 'join':
      return translateJoin(plan)
    case 'aggregate': {
      const { groups, aggregates, groupings, groupingSets } = plan
      const isPlain = groups.length === 0 && groupingSets === undefined
      const isHashable = groups.every((group) => group.type.scalar.hashKey !== undefined)
      const input = translate(plan.input)
      return {
        ...base,
        kind: 'aggregate',
        strategy: isPlain ? 'plain' : isHashable ? 'hash' : 'sorted',
        input: isPlain || isHashable ? input : sorted(input, ascending(groups)),
        groups,
        aggregates,
        ...(groupings && { groupings }),
        ...(groupingSets && { groupingSets }),
      }
    }
    case 'window': {
      const { partitionBy, orderBy, calls } = plan
      const input = sorted(translate(plan.input), [...ascending(partitionBy), ...orderBy])
      return { ...base, kind: 'window', input, partitionBy, orderBy, calls }
    }
    case 'sort':
      return sorted(translate(plan.input), plan.keys)
    case 'limit': {
      const { limit, offset, withTies } = plan
      return {
        ...base,
        kind: 'limit',
        input: translate(plan.input),
        limit,
        offset,
        ...(withTies && { withTies }),
      }
    }
    case 'distinct': {
      const input = translate(plan.input)
      if (plan.on !== undefined) {
        const isSorted = plan.input.kind === 'sort'
        return {
          ...base,
          kind: 'distinct',
          strategy: 'sorted',
          input: isSorted ? input : sorted(input, ascending(plan.on)),
          on: plan.on,
        }
      }
      const isHashable = columns.every((column) => column.type.scalar.hashKey !== undefined)
      if (isHashable) return { ...base, kind: 'distinct', strategy: 'hash', input }
      const keys = input.columns.map(({ id, name, type }): Expression => ({
        kind: 'column',
        column: id,
        name,
        type,
      }))
      return { ...base, kind: 'distinct', strategy: 'sorted', input: sorted(input, ascending(keys)) }
    }
    case 'set-operation': {
      const isAppend = plan.operation === 'union' && plan.isAll
      const operation = isAppend ? 'append' : plan.operation
      const inputs = [translate(plan.left), translate(plan.right)]
      return { ...base, kind: 'set-operation', operation, isAll: plan.isAll, inputs }
    }
    case 'table-function':
      return { ...base, kind: 'table-function', calls: plan.calls, hasOrdinality: plan.hasOrdinality }
    case 'unnest-calls':
      return { ...base, kind: 'unnest-calls', input: translate(plan.input), calls: plan.calls }
    case 'with': {
      const definitions = plan.definitions.map((definition) => ({
        id: definition.id,
        name: definition.name,
        plan: translate(definition.plan),
        isModifying: isModifying(definition.plan),
      }))
      return { ...base, kind: 'with', definitions, body: translate(plan.body) }
    }
    case 'common-scan': {
      const { definition, name, ordinals } = plan
      return { ...base, kind: 'common-scan', definition, name, ordinals }
    }
    case 'recursive': {
      const { id, isDistinct } = plan
      return {
        ...base,
        kind: 'recursive',
        id,
        start: translate(plan.start),
        step: translate(plan.step),
        isDistinct,
      }
    }
    case 'lock':
      return { ...base, kind: 'lock', input: translate(plan.input), targets: plan.targets }
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return { ...base, kind: 'modify', change: plan, input: translate(plan.input) }
  }
}

function translateJoin(plan: JoinPlan): PhysicalPlan {
  return {
    columns: plan.columns,
    estimate: UNKNOWN,
    kind: 'nested-loop',
    type: plan.type,
    left: translate(plan.left),
    right: translate(plan.right),
    condition: plan.condition,
    isLateral: plan.isLateral,
    ...(plan.isNullAware && { isNullAware: true }),
  }
}

function sorted(input: PhysicalPlan, keys: readonly SortKey[]): PhysicalPlan {
  if (keys.length === 0) return input
  return { kind: 'sort', columns: input.columns, estimate: UNKNOWN, input, keys, presorted: 0 }
}

function ascending(expressions: readonly Expression[]): SortKey[] {
  return expressions.map((expression) => ({ expression, isDescending: false, nullsFirst: false }))
}
