/** Views that can be changed like the one table that they show. */
import type { Expression } from '../../../../plan/expression.js'
import type { RowCheck } from '../../../../plan/logical-plan.js'
import type { Relation } from '../../../../relation/relation.js'
import type { CatalogView } from '../../catalog-snapshot.js'
import { parseStatement } from '../../parse/parse-statements.js'
import type { Node, RangeVar, SelectStmt } from '../../parse/tree.js'
import { bindIn } from '../expressions/bind-expression.js'
import type { ClassUse } from '../context/privileges.js'
import type { StatementState } from '../context/statement-state.js'
import type { ScanLeaf } from '../from/from-tree.js'
import { relationItem, requireClass, usedRelation } from '../from/range-var.js'
import { QueryScope } from '../scope/query-scope.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import { bindTargets, settleTypes } from '../select/target-list.js'
import { coerceToBoolean } from '../types/coerce.js'

/** One view of a chain, and the query that it is. */
interface Layer {
  readonly view: CatalogView
  readonly statement: StatementState
  readonly select: SelectStmt
  readonly from: RangeVar
}

/** How errors call what is done to the view. */
export type ChangeVerb = 'insert into' | 'update' | 'delete from'

/** A row of the table behind a view, as names see it. */
export interface ViewRow {
  readonly item: RangeItem
  /** Which column of the table each column of the view is; undefined for those that are computed. */
  readonly ordinals: readonly (number | undefined)[]
  /** What makes the row one of the view's; innermost view first. */
  readonly conditions: readonly { readonly view: CatalogView; readonly condition: Expression }[]
}

export class UpdatableView {
  readonly relation: Relation
  readonly view: CatalogView
  /** From the view that is named to the one over the table. */
  readonly #layers: readonly Layer[]

  /** @throws object_not_in_prerequisite_state for a view that does not simply show one table */
  static of(scope: QueryScope, view: CatalogView, verb: ChangeVerb): UpdatableView {
    const layers: Layer[] = []
    let { statement } = scope
    for (let next = view; ;) {
      const tree = parseStatement(next.query)
      const inner: StatementState = statement.within(next, tree)
      const select = 'SelectStmt' in tree.node ? tree.node.SelectStmt : {}
      const refusal = refusalOf(select)
      if (refusal !== undefined) throw notUpdatable(statement, next, verb, refusal)
      const [from] = select.fromClause ?? []
      if (from === undefined || !('RangeVar' in from)) throw notUpdatable(statement, next, verb, NOT_SINGLE)
      layers.push({ view: next, statement: inner, select, from: from.RangeVar })
      const base = requireClass(inner, from.RangeVar)
      if (base.kind === 'relation') {
        if (base.relation.writer === undefined) throw notUpdatable(statement, next, verb, NOT_SINGLE)
        return new UpdatableView(base.relation, view, layers)
      }
      if (base.kind === 'sequence') throw notUpdatable(statement, next, verb, NOT_SINGLE)
      statement = inner
      next = base
    }
  }

  private constructor(relation: Relation, view: CatalogView, layers: readonly Layer[]) {
    this.relation = relation
    this.view = view
    this.#layers = layers
  }

  /** What the owners of the views have to be allowed. */
  needPrivilege(privilege: 'insert' | 'update' | 'delete'): void {
    const extent = privilege === 'delete' ? 'whole' : 'columns'
    for (const [at, { statement }] of this.#layers.entries()) {
      const below = this.#layers[at + 1]?.view
      const used = below === undefined ? usedRelation(this.relation) : below
      statement.privileges.needClass(used, privilege, extent, statement.role)
    }
  }

  /** The row that a scan gives. @param use what reading the view needs */
  row(leaf: ScanLeaf, name: string, use: ClassUse, verb: ChangeVerb): ViewRow {
    const conditions: ViewRow['conditions'][number][] = []
    let item: RangeItem | undefined
    for (const layer of this.#layers.toReversed()) {
      const isNamed = layer.view === this.view
      const below = item ?? this.#baseItem(layer, leaf)
      item = viewItem(layer, below, isNamed ? name : layer.view.name, isNamed ? use : undefined, verb)
      const condition = conditionOf(layer, below)
      if (condition !== undefined) conditions.push({ view: layer.view, condition })
    }
    const columns = item?.columns ?? []
    const ordinals = columns.map(({ value }) => {
      if (value.kind !== 'column') return undefined
      const at = leaf.columns.findIndex(({ id }) => id === value.column)
      return at < 0 ? undefined : at
    })
    return { item: item ?? new RangeItem({ kind: 'view', name, columns: [] }), ordinals, conditions }
  }

  /** What WITH CHECK OPTION asks of new rows. */
  checks({ conditions }: ViewRow): readonly RowCheck[] {
    const checked = new Set<CatalogView>()
    let isCascaded = false
    for (const { view } of this.#layers) {
      if (isCascaded || view.checkOption !== undefined) checked.add(view)
      isCascaded ||= view.checkOption === 'cascaded'
    }
    return conditions
      .filter(({ view }) => checked.has(view))
      .map(({ view, condition }) => ({ view: view.name, condition }))
  }

  #baseItem({ statement, from }: Layer, leaf: ScanLeaf): RangeItem {
    const use = statement.privileges.needClass(
      usedRelation(this.relation),
      'select',
      'columns if any',
      statement.role,
    )
    return relationItem(statement, this.relation, leaf, from, use)
  }
}

const NOT_SINGLE = 'Views that do not select from a single table or view are not automatically updatable.'

const containing = (what: string): string => `Views containing ${what} are not automatically updatable.`

/** Why the view cannot be changed, as far as its form says. */
function refusalOf(select: SelectStmt): string | undefined {
  if (select.distinctClause !== undefined) return containing('DISTINCT')
  if (select.groupClause !== undefined) return containing('GROUP BY')
  if (select.havingClause !== undefined) return containing('HAVING')
  if ((select.op ?? 'SETOP_NONE') !== 'SETOP_NONE') return containing('UNION, INTERSECT, or EXCEPT')
  if (select.withClause !== undefined) return containing('WITH')
  if (select.limitCount !== undefined || select.limitOffset !== undefined)
    return containing('LIMIT or OFFSET')
  return select.valuesLists !== undefined || select.fromClause?.length !== 1 ? NOT_SINGLE : undefined
}

const HINTS: Readonly<Record<ChangeVerb, string>> = {
  'insert into':
    'To enable inserting into the view, provide an INSTEAD OF INSERT trigger or an unconditional ON INSERT DO INSTEAD rule.',
  update:
    'To enable updating the view, provide an INSTEAD OF UPDATE trigger or an unconditional ON UPDATE DO INSTEAD rule.',
  'delete from':
    'To enable deleting from the view, provide an INSTEAD OF DELETE trigger or an unconditional ON DELETE DO INSTEAD rule.',
}

function notUpdatable(statement: StatementState, view: CatalogView, verb: ChangeVerb, detail: string): Error {
  return statement.error(
    'object_not_in_prerequisite_state',
    `cannot ${verb} view "${view.name}"`,
    undefined,
    { detail, hint: HINTS[verb] },
  )
}

function viewItem(
  { view, statement, select }: Layer,
  below: RangeItem,
  name: string,
  use: ClassUse | undefined,
  verb: ChangeVerb,
): RangeItem {
  const scope = scopeOver(statement, below)
  const targets = bindTargets(scope, select.targetList)
  settleTypes(scope, targets)
  const returning = (what: string): string => `Views that return ${what} are not automatically updatable.`
  if (scope.aggregates.length > 0) throw notUpdatable(statement, view, verb, returning('aggregate functions'))
  if (scope.windowCalls.length > 0) throw notUpdatable(statement, view, verb, returning('window functions'))
  if (scope.tableCalls.length > 0)
    throw notUpdatable(statement, view, verb, returning('set-returning functions'))
  const { oid } = view
  const columns = view.columns.map((column, index): RangeColumn => {
    const value = targets[index]?.expression ?? { kind: 'constant', value: null, type: column.type }
    return {
      name: column.name,
      type: value.type,
      value,
      origin: { tableOid: oid, columnNumber: index + 1 },
      ...(use === undefined ? {} : { reads: [{ use, column: column.name }] }),
    }
  })
  return new RangeItem({ kind: 'view', name, columns, used: view, ...(use === undefined ? {} : { use }) })
}

function conditionOf({ statement, select }: Layer, below: RangeItem): Expression | undefined {
  const { whereClause } = select
  if (whereClause === undefined) return undefined
  const bound: Expression = bindIn(scopeOver(statement, below), 'where', whereClause satisfies Node)
  return coerceToBoolean(statement, bound, 'WHERE')
}

function scopeOver(statement: StatementState, item: RangeItem): QueryScope {
  const scope = new QueryScope(statement, undefined)
  scope.items = [item]
  scope.addItem(item)
  return scope
}
