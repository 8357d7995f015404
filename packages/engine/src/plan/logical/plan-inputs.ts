import { mapAll } from '../expressions/map-arguments.js'
import type { JoinPlan, LogicalPlan, OutputColumn } from '../logical-plan.js'

/** The plans that a plan reads, in the order they are written. */
export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'common-scan':
      return []
    case 'join':
    case 'set-operation':
      return [plan.left, plan.right]
    case 'recursive':
      return [plan.start, plan.step]
    case 'with':
      return [...plan.definitions.map((definition) => definition.plan), plan.body]
    default:
      return [plan.input]
  }
}

/**
 * The plan with each of its inputs replaced by what `map` makes of it; the same object when all stay the same. Operators
 * that hand columns on hand on those of the new input.
 */
export function mapInputs(plan: LogicalPlan, map: (input: LogicalPlan) => LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'common-scan':
      return plan
    case 'join':
      return withSides(plan, map(plan.left), map(plan.right))
    case 'set-operation': {
      const left = map(plan.left)
      const right = map(plan.right)
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right }
    }
    case 'recursive': {
      const start = map(plan.start)
      const step = map(plan.step)
      return start === plan.start && step === plan.step ? plan : { ...plan, start, step }
    }
    case 'with': {
      const definitions = mapAll(plan.definitions, (definition) => {
        const mapped = map(definition.plan)
        return mapped === definition.plan ? definition : { ...definition, plan: mapped }
      })
      const body = map(plan.body)
      if (definitions === plan.definitions && body === plan.body) return plan
      return { ...plan, definitions, body, columns: body.columns }
    }
    case 'filter':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lock': {
      const input = map(plan.input)
      return input === plan.input ? plan : { ...plan, input, columns: input.columns }
    }
    case 'window':
    case 'unnest-calls': {
      const input = map(plan.input)
      if (input === plan.input) return plan
      const own = plan.columns.slice(plan.input.columns.length)
      return { ...plan, input, columns: [...input.columns, ...own] }
    }
    default: {
      const input = map(plan.input)
      return input === plan.input ? plan : { ...plan, input }
    }
  }
}

export function withSides(plan: JoinPlan, left: LogicalPlan, right: LogicalPlan): JoinPlan {
  if (left === plan.left && right === plan.right) return plan
  return { ...plan, left, right, columns: joinColumns(plan.type, left, right) }
}

/** The columns that a join of two plans puts out. */
export function joinColumns(
  type: JoinPlan['type'],
  left: LogicalPlan,
  right: LogicalPlan,
): readonly OutputColumn[] {
  return type === 'semi' || type === 'anti' ? left.columns : [...left.columns, ...right.columns]
}
