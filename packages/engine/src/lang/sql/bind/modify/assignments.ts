/** SET: what columns become. */
import type { ColumnId, Expression } from '../../../../plan/expression.js'
import type { Assignment, LogicalPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import type { Relation } from '../../../../relation/relation.js'
import type { MultiAssignRef, Node, ResTarget, SubLink } from '../../parse/tree.js'
import { located } from '../context/facts.js'
import type { ClassUse } from '../context/privileges.js'
import { OID } from '../context/system-types.js'
import { bindIn } from '../expressions/bind-expression.js'
import { bindRow } from '../expressions/row.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindQuery } from '../select/bind-query.js'
import { assignPart } from './assign-part.js'
import { assignValue, onlyDefault, requireOrdinal } from './assign-value.js'
import type { TargetRelation } from './target-relation.js'

export interface BoundAssignments {
  readonly list: readonly Assignment[]
  /** Computes what several assignments share, on top of the rows to change. */
  extend(input: LogicalPlan): LogicalPlan
}

/** @throws undefined_column, syntax_error (a column twice), datatype_mismatch, generated_always */
export function bindAssignments(
  scope: QueryScope,
  target: TargetRelation,
  nodes: readonly Node[] | undefined,
  use: ClassUse,
): BoundAssignments {
  const binder = new AssignmentBinder(scope, target, use)
  for (const node of nodes ?? []) if ('ResTarget' in node) binder.add(node.ResTarget)
  return binder.finish()
}

interface SharedRow {
  readonly column: OutputColumn
  readonly expression: Expression
}

class AssignmentBinder {
  readonly #scope: QueryScope
  readonly #target: TargetRelation
  readonly #relation: Relation
  readonly #use: ClassUse
  readonly #assignments = new Map<number, { assignment: Assignment; isPart: boolean }>()
  /** Rows of `(a, b) = (SELECT …)`, by the node they come from. */
  readonly #shared = new Map<Node, { readonly row: SharedRow; readonly types: readonly Expression[] }>()
  readonly #rows = new Map<Node, readonly (Expression | undefined)[]>()

  constructor(scope: QueryScope, target: TargetRelation, use: ClassUse) {
    this.#scope = scope
    this.#target = target
    this.#relation = target.relation
    this.#use = use
  }

  add({ name = '', indirection, val, location = 0 }: ResTarget): void {
    const { statement } = this.#scope
    // The value is looked at first, as PostgreSQL does.
    const value = this.#value(val)
    const ordinal = requireOrdinal(statement, this.#target, name, location, 'update')
    const column = this.#relation.columns[ordinal]
    if (column === undefined) return
    this.#use.columns?.add(name)
    const known = this.#assignments.get(ordinal)
    const isPart = indirection !== undefined
    if (known !== undefined && !(isPart && known.isPart)) {
      throw statement.error('syntax_error', `multiple assignments to same column "${name}"`, location)
    }
    const detail = value === undefined ? undefined : onlyDefault(column)
    if (detail !== undefined) {
      throw statement.error(
        'generated_always',
        `column "${name}" can only be updated to DEFAULT`,
        undefined,
        { detail },
      )
    }
    if (isPart) {
      const before = known?.assignment.expression
      const expression = assignPart(this.#scope, this.#target, ordinal, indirection, value, before, location)
      this.#assignments.set(ordinal, { assignment: { ordinal, expression }, isPart })
      return
    }
    const expression = value === undefined ? undefined : assignValue(statement, column, value, location)
    this.#assignments.set(ordinal, { assignment: { ordinal, expression }, isPart })
  }

  finish(): BoundAssignments {
    const rows = [...this.#shared.values()].map(({ row }) => row)
    return {
      list: [...this.#assignments.values()].map(({ assignment }) => assignment),
      extend: (input) => {
        if (rows.length === 0) return input
        return {
          kind: 'project',
          input,
          expressions: [
            ...input.columns.map(({ id, name, type }): Expression => ({
              kind: 'column',
              column: id,
              name,
              type,
            })),
            ...rows.map(({ expression }) => expression),
          ],
          columns: [...input.columns, ...rows.map(({ column }) => column)],
        }
      },
    }
  }

  /** Undefined: DEFAULT. */
  #value(node: Node | undefined): Expression | undefined {
    if (node === undefined || 'SetToDefault' in node) return undefined
    if ('MultiAssignRef' in node) return this.#member(node.MultiAssignRef)
    return bindIn(this.#scope, 'update source', node)
  }

  /** One value of `(a, b) = …`. All references share their source node. */
  #member({ source, colno = 1, ncolumns = 1 }: MultiAssignRef): Expression | undefined {
    const { statement } = this.#scope
    if (source !== undefined && 'SubLink' in source)
      return this.#subqueryMember(source, source.SubLink, colno, ncolumns)
    if (source === undefined || !('RowExpr' in source)) {
      throw statement.error(
        'feature_not_supported',
        'source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression',
      )
    }
    const values = this.#rowValues(source)
    if (values.length !== ncolumns) throw this.#wrongCount(source.RowExpr.location)
    return values[colno - 1]
  }

  #rowValues(source: Extract<Node, { RowExpr: unknown }>): readonly (Expression | undefined)[] {
    const scope = this.#scope
    const known = this.#rows.get(source)
    if (known !== undefined) return known
    const nodes = source.RowExpr.args ?? []
    const values = nodes.some((node) => 'SetToDefault' in node)
      ? nodes.map((node) => ('SetToDefault' in node ? undefined : bindIn(scope, 'update source', node)))
      : scope.in('update source', () => bindRow(scope, source.RowExpr).args)
    this.#rows.set(source, values)
    return values
  }

  #subqueryMember(source: Node, link: SubLink, colno: number, ncolumns: number): Expression {
    const scope = this.#scope
    const { statement } = scope
    let shared = this.#shared.get(source)
    if (shared === undefined) {
      const query = bindQuery(scope.sublink(), link.subselect)
      if (query.columns.length !== ncolumns) throw this.#wrongCount(link.location)
      const type = statement.type(OID.record)
      const args = query.columns.map(({ id, name, type: own }): Expression => ({
        kind: 'column',
        column: id,
        name,
        type: own,
      }))
      const fields = query.columns.map(({ name, type: own }) => ({ name, type: own }))
      const row: Expression = { kind: 'row', fields, args, type }
      const inner: ColumnId = statement.newColumn()
      const plan: LogicalPlan = {
        kind: 'project',
        input: query.plan,
        expressions: [row],
        columns: [{ id: inner, name: 'row', type }],
      }
      const column = { id: statement.newColumn(), name: 'row', type }
      shared = {
        row: { column, expression: { kind: 'subquery', mode: 'scalar', plan, type } },
        types: args,
      }
      this.#shared.set(source, shared)
    }
    const { column } = shared.row
    const type = shared.types[colno - 1]?.type ?? column.type
    const arg: Expression = { kind: 'column', column: column.id, name: 'row', type: column.type }
    return located({ kind: 'field', arg, index: colno - 1, type }, link.location)
  }

  #wrongCount(location: number | undefined): Error {
    return this.#scope.statement.error(
      'syntax_error',
      'number of columns does not match number of values',
      location ?? 0,
    )
  }
}
