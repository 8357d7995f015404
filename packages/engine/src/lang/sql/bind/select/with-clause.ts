/** WITH: queries with a name, recursive ones too. */
import type { CommonDefinition, LogicalPlan } from '../../../../plan/logical-plan.js'
import type { CommonTableExpr, Node, WithClause } from '../../parse/tree.js'
import type { CommonTable } from '../scope/common-table.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindQuery, type BoundQuery } from './bind-query.js'
import { bindModifyingQuery, isModifyingNode } from './modifying-query.js'
import { bindRecursive, isRecursiveForm } from './recursive-query.js'
import { renamed } from './renamed-columns.js'
import { rewordSearchAndCycle, type Reworded } from './search-cycle.js'
import { tableNames } from './table-names.js'

/** The queries of a WITH clause that have been bound. */
export interface Definitions {
  /** Puts them around the plan that reads them, once all of it has been bound. */
  wrap(body: LogicalPlan): LogicalPlan
}

const NONE: Definitions = { wrap: (body) => body }

/** Afterwards names of tables in the scope mean its queries. */
export function bindWith(scope: QueryScope, node: WithClause | undefined): Definitions {
  if (node === undefined) return NONE
  const expressions = (node.ctes ?? []).flatMap((entry) =>
    'CommonTableExpr' in entry ? [entry.CommonTableExpr] : [],
  )
  const binder = new WithBinder(scope, node.recursive === true)
  binder.bindAll(expressions)
  return binder
}

interface BoundCommon {
  readonly common: CommonTable
  readonly plan: LogicalPlan
  readonly isMaterialized: boolean | undefined
}

class WithBinder implements Definitions {
  readonly #scope: QueryScope
  readonly #isRecursive: boolean
  /** In the order in which they can be computed. */
  readonly #bound: BoundCommon[] = []

  constructor(scope: QueryScope, isRecursive: boolean) {
    this.#scope = scope
    this.#isRecursive = isRecursive
  }

  bindAll(expressions: readonly CommonTableExpr[]): void {
    const { statement, laterCommons } = this.#scope
    for (const { ctename = '', location = 0 } of expressions) {
      if (laterCommons.has(ctename)) {
        throw statement.error(
          'duplicate_alias',
          `WITH query name "${ctename}" specified more than once`,
          location,
        )
      }
      laterCommons.add(ctename)
    }
    for (const expression of this.#inOrder(expressions)) {
      this.#bind(expression)
      laterCommons.delete(expression.ctename ?? '')
    }
  }

  wrap(body: LogicalPlan): LogicalPlan {
    const definitions = this.#bound.map(({ common, plan, isMaterialized }): CommonDefinition => ({
      id: common.id,
      name: common.name,
      plan,
      isMaterialized,
      uses: common.uses,
    }))
    return { kind: 'with', definitions, body, columns: body.columns }
  }

  /** WITH RECURSIVE lets a query read one that stands behind it. */
  #inOrder(expressions: readonly CommonTableExpr[]): readonly CommonTableExpr[] {
    if (!this.#isRecursive) return expressions
    const names = new Map(expressions.map((expression) => [expression.ctename ?? '', expression]))
    const done = new Set<CommonTableExpr>()
    const open = new Set<CommonTableExpr>()
    const visit = (expression: CommonTableExpr): void => {
      if (done.has(expression)) return
      if (open.has(expression)) {
        throw this.#scope.statement.error(
          'feature_not_supported',
          'mutual recursion between WITH items is not implemented',
          expression.location ?? 0,
        )
      }
      open.add(expression)
      for (const name of tableNames(expression.ctequery)) {
        const other = names.get(name)
        if (other !== undefined && other !== expression) visit(other)
      }
      open.delete(expression)
      done.add(expression)
    }
    expressions.forEach(visit)
    return [...done]
  }

  /** @throws syntax_error */
  #reworded(expression: CommonTableExpr): Reworded {
    const { search_clause: search, cycle_clause: cycle, ctename = '', ctequery, location } = expression
    if (search === undefined && cycle === undefined) return { expression, hiddenCount: 0 }
    if (!this.#isRecursive || !isRecursiveForm(ctequery, ctename))
      throw this.#scope.statement.error('syntax_error', 'WITH query is not recursive', location)
    return rewordSearchAndCycle(this.#scope, expression)
  }

  #bind(given: CommonTableExpr): void {
    const { statement } = this.#scope
    const { expression, hiddenCount } = this.#reworded(given)
    const { ctename: name = '', ctequery } = expression
    const { query, refusal } = this.#bindQuery(expression, ctequery, name, hiddenCount)
    const columns = query === undefined ? undefined : renamed(this.#scope, expression, query)
    const common: CommonTable = {
      name,
      id: statement.newDefinition(),
      columns,
      uses: 0,
      ...(refusal === undefined ? {} : { refuse: refusal }),
    }
    this.#scope.commons.push(common)
    const materialized = expression.ctematerialized
    this.#bound.push({
      common,
      plan: query?.plan ?? { kind: 'values', rows: [], columns: [] },
      isMaterialized:
        materialized === 'CTEMaterializeAlways'
          ? true
          : materialized === 'CTEMaterializeNever'
            ? false
            : undefined,
    })
  }

  #bindQuery(
    expression: CommonTableExpr,
    node: Node | undefined,
    name: string,
    hiddenCount: number,
  ): { readonly query: BoundQuery; readonly refusal?: NonNullable<CommonTable['refuse']> } {
    const scope = this.#scope
    if (node !== undefined && isModifyingNode(node)) {
      if (scope.parent !== undefined || scope.statement.views.length > 0) {
        throw scope.statement.error(
          'feature_not_supported',
          'WITH clause containing a data-modifying statement must be at the top level',
          expression.location ?? 0,
        )
      }
      return bindModifyingQuery(scope.nested(), node, name)
    }
    if (this.#isRecursive && isRecursiveForm(node, name)) {
      return { query: bindRecursive(scope, expression, node, hiddenCount, bindWith) }
    }
    return { query: bindQuery(scope.nested(), node) }
  }
}
