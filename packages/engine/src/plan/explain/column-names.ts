import { quoteIdentifier } from '../../scalar/functions/text/quote-identifier.js'
import type {
  AggregateCall,
  ColumnExpression,
  ColumnId,
  Expression,
  SubqueryExpression,
  WindowCall,
} from '../expression.js'
import type { OutputColumn } from '../logical-plan.js'
import { eachPhysicalExpression } from '../physical/plan-expressions.js'
import { physicalInputs } from '../physical/plan-inputs.js'
import type { ExecutablePlan, PhysicalPlan } from '../physical-plan.js'
import { walkExpression } from '../expressions/each-argument.js'

/** How a column came to be. */
type Origin =
  | { readonly kind: 'named'; readonly alias: string | undefined; readonly name: string }
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'aggregate'; readonly call: AggregateCall }
  | { readonly kind: 'window'; readonly call: WindowCall }

type Write = (expression: Expression) => string

type NamedColumns = [
  alias: string,
  columns: readonly OutputColumn[],
  names?: readonly { readonly name: string }[],
  ordinals?: readonly number[],
]

/** Says what columns of a plan are called: by the table they come from, or by what they were computed from. */
export class ColumnNames {
  readonly #origins = new Map<ColumnId, Origin>()
  readonly #isQualified: boolean
  #sources = 0

  constructor(plan: ExecutablePlan, isVerbose: boolean) {
    this.#visit(plan.root)
    for (const { plan: inner } of plan.subqueries.values()) this.#visit(inner)
    this.#isQualified = isVerbose || this.#sources > 1
  }

  /** @param isOwn it is computed by the operator that shows it, not by one below */
  write(column: ColumnExpression, write: Write, isOwn: boolean): string {
    const origin = this.#origins.get(column.column)
    if (origin === undefined) return quoteIdentifier(column.name)
    switch (origin.kind) {
      case 'named': {
        const name = quoteIdentifier(origin.name)
        if (!this.#isQualified || origin.alias === undefined) return name
        return `${quoteIdentifier(origin.alias)}.${name}`
      }
      case 'expression':
        return origin.expression.kind === 'column' || isOwn
          ? write(origin.expression)
          : inParentheses(write(origin.expression))
      case 'aggregate': {
        const text = aggregateText(origin.call, write)
        return isOwn ? text : `(${text})`
      }
      case 'window': {
        const args = origin.call.args.map(write).join(', ')
        const text = `${quoteIdentifier(origin.call.function.name)}(${args}) OVER (?)`
        return isOwn ? text : `(${text})`
      }
    }
  }

  #visit(plan: PhysicalPlan): void {
    physicalInputs(plan).forEach((input) => this.#visit(input))
    switch (plan.kind) {
      case 'table-scan': {
        const { alias, relation, settled } = plan
        this.#addSource(alias, plan.columns, relation.columns, plan.ordinals)
        if (settled !== undefined) this.#name(alias, settled.columns, relation.columns, settled.ordinals)
        return
      }
      case 'index-join':
        return void this.#addSource(plan.alias, plan.right, plan.relation.columns, plan.ordinals)
      case 'common-scan':
        return void this.#addSource(plan.name, plan.columns)
      case 'table-function':
        return void this.#addSource(plan.calls[0]?.function.name ?? 'function', plan.columns)
      case 'values':
        if (plan.rows.length > 1) this.#addSource('*VALUES*', plan.columns)
        return
      case 'project':
        plan.columns.forEach((column, at) => this.#define(column, plan.expressions[at]))
        return
      case 'set-operation':
        plan.columns.forEach((column, at) => {
          const first = plan.inputs[0]?.columns[at]
          if (first !== undefined) this.#define(column, { kind: 'column', column: first.id, ...first })
        })
        return
      case 'aggregate':
        plan.columns.forEach((column, at) => {
          const call = plan.aggregates[at - plan.groups.length]
          this.#define(column, plan.groups[at])
          if (call !== undefined) this.#origins.set(column.id, { kind: 'aggregate', call })
        })
        return
      case 'window': {
        const offset = plan.columns.length - plan.calls.length
        plan.calls.forEach((call, at) => {
          const column = plan.columns[offset + at]
          if (column !== undefined) this.#origins.set(column.id, { kind: 'window', call })
        })
        return
      }
      case 'modify': {
        const { change } = plan
        if (change.kind !== 'merge') {
          this.#nameRow(change.alias, change.row, change.relation.columns)
          const excluded = change.kind === 'insert' ? change.onConflict?.update?.excluded : undefined
          if (excluded !== undefined) this.#nameRow('excluded', excluded, change.relation.columns)
        }
        return
      }
      default:
    }
  }

  #addSource(...source: NamedColumns): void {
    this.#sources++
    this.#name(...source)
  }

  #name(...[alias, columns, names, ordinals]: NamedColumns): void {
    columns.forEach((column, at) => {
      const ordinal = ordinals?.[at]
      const name = ordinal === undefined ? column.name : (names?.[ordinal]?.name ?? 'ctid')
      this.#origins.set(column.id, { kind: 'named', alias, name })
    })
  }

  #nameRow(alias: string, ids: readonly ColumnId[], names: readonly { readonly name: string }[]): void {
    ids.forEach((id, ordinal) => {
      this.#origins.set(id, { kind: 'named', alias, name: names[ordinal]?.name ?? '?' })
    })
  }

  #define(column: OutputColumn, expression: Expression | undefined): void {
    if (expression === undefined) return
    if (expression.kind === 'column' && expression.column === column.id) return
    this.#origins.set(column.id, { kind: 'expression', expression })
  }
}

function aggregateText(call: AggregateCall, write: Write): string {
  const args =
    call.args.length === 0 && call.function.name === 'count' ? '*' : call.args.map(write).join(', ')
  const order =
    call.orderBy.length === 0
      ? ''
      : ` ORDER BY ${call.orderBy.map((key) => write(key.expression) + (key.isDescending ? ' DESC' : '')).join(', ')}`
  const filter = call.filter === undefined ? '' : ` FILTER (WHERE ${write(call.filter)})`
  return `${quoteIdentifier(call.function.name)}(${call.isDistinct ? 'DISTINCT ' : ''}${args}${order})${filter}`
}

function inParentheses(text: string): string {
  return `(${text})`
}

/** The plans inside of expressions of an operator, in the order in which they are written. */
export function plansInside(plan: PhysicalPlan): ReadonlyMap<object, SubqueryExpression['mode']> {
  const found = new Map<object, SubqueryExpression['mode']>()
  eachPhysicalExpression(plan, (expression) =>
    walkExpression(expression, (part) => {
      if (part.kind === 'subquery') found.set(part.plan, part.mode)
    }),
  )
  return found
}
