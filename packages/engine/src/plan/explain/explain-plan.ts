/** Plans as EXPLAIN shows them: in PostgreSQL's operators, which are not quite ours. */
import type { ScalarContext } from '../../scalar/scalar-context.js'
import { quoteIdentifier } from '../../scalar/functions/text/quote-identifier.js'
import { conjunctsOf } from '../expressions/conditions.js'
import type { Expression, SortKey, SubqueryExpression } from '../expression.js'
import type { JoinType } from '../logical-plan.js'
import type {
  Aggregate,
  ExecutablePlan,
  HashJoin,
  IndexJoin,
  MergeJoin,
  Modify,
  NestedLoopJoin,
  PhysicalPlan,
  SetOperation,
  Sort,
  StoreScan,
  TableScan,
  With,
} from '../physical-plan.js'
import { columnsOf } from '../logical/free-columns.js'
import { accessText } from './access-text.js'
import { collationSuffix, deparseExpression, deparseOperand } from './deparse.js'
import { ColumnNames, plansInside } from './column-names.js'
import type { ExplainChild, ExplainNode, ExplainOptions, OperatorFigures, Property } from './explain-node.js'

/** What was counted when the plan was run; undefined: it was not. */
export type Figures = ReadonlyMap<PhysicalPlan, OperatorFigures> | undefined

/** The operators of a plan for {@link explainText} and {@link explainJson}. */
export function explainPlan(
  plan: ExecutablePlan,
  scalar: ScalarContext,
  options: ExplainOptions = {},
  figures?: Figures,
): ExplainNode {
  return new Explainer(plan, scalar, options, figures).node(plan.root)
}

/** What an operator is called, and what is said of it; the rest is the same for all. */
interface Shape {
  readonly title: string
  readonly facts: readonly Property[]
  readonly properties?: readonly Property[]
  readonly children?: readonly ExplainChild[]
}

interface Subplan {
  /** Run once, before anything else. */
  readonly isInit: boolean
  readonly name: string
  /** How expressions refer to it. */
  readonly label: string
}

class Explainer {
  readonly #plan: ExecutablePlan
  readonly #scalar: ScalarContext
  readonly #options: ExplainOptions
  readonly #figures: Figures
  readonly #names: ColumnNames
  readonly #subplans = new Map<object, Subplan>()
  readonly #shown = new Set<object>()
  readonly #recursive = new Set<number>()
  #initPlans = 0

  constructor(plan: ExecutablePlan, scalar: ScalarContext, options: ExplainOptions, figures: Figures) {
    this.#plan = plan
    this.#scalar = scalar
    this.#options = options
    this.#figures = figures
    this.#names = new ColumnNames(plan, options.verbose === true)
  }

  node(plan: PhysicalPlan): ExplainNode {
    // A projection is a part of the operator below, and so is a filter where that one can have a filter.
    if (plan.kind === 'project')
      return this.#withPlans(plan, { ...this.node(plan.input), estimate: plan.estimate })
    if (plan.kind === 'filter') return this.#filter(plan)
    if (plan.kind === 'with') return this.#with(plan)
    if (plan.kind === 'store-scan') return this.#storeScan(plan)
    return this.#finish(plan, this.#shape(plan))
  }

  #finish(plan: PhysicalPlan, shape: Shape): ExplainNode {
    return this.#withPlans(plan, {
      title: shape.title,
      facts: shape.facts,
      estimate: plan.estimate,
      figures: this.#figures?.get(plan),
      isMeasured: this.#figures !== undefined,
      properties: [...this.#output(plan), ...(shape.properties ?? [])],
      children: shape.children ?? [],
    })
  }

  #shape(plan: PhysicalPlan): Shape {
    switch (plan.kind) {
      case 'table-scan':
        return this.#scan(plan)
      case 'values':
        return this.#values(plan.rows.length)
      case 'nested-loop':
      case 'hash-join':
      case 'merge-join':
        return this.#join(plan)
      case 'index-join':
        return this.#indexJoin(plan)
      case 'aggregate':
        return this.#aggregate(plan)
      case 'window':
        return one('WindowAgg', plan.input, this)
      case 'sort':
        return this.#sort(plan)
      case 'limit':
        return one('Limit', plan.input, this)
      case 'distinct':
        return this.#distinct(plan)
      case 'set-operation':
        return this.#setOperation(plan)
      case 'table-function': {
        const name = plan.calls[0]?.function.name ?? ''
        const quoted = quoteIdentifier(name)
        return {
          title: `Function Scan on ${quoted}`,
          facts: [fact('Node Type', 'Function Scan'), fact('Function Name', name), fact('Alias', name)],
        }
      }
      case 'unnest-calls':
        return one('ProjectSet', plan.input, this)
      case 'common-scan': {
        const type = this.#recursive.has(plan.definition) ? 'WorkTable Scan' : 'CTE Scan'
        return {
          title: `${type} on ${quoteIdentifier(plan.name)}`,
          facts: [fact('Node Type', type), fact('CTE Name', plan.name), fact('Alias', plan.name)],
        }
      }
      case 'recursive': {
        this.#recursive.add(plan.id)
        const children = [this.#child('Outer', plan.start), this.#child('Inner', plan.step)]
        return { title: 'Recursive Union', facts: [fact('Node Type', 'Recursive Union')], children }
      }
      case 'lock':
        return one('LockRows', plan.input, this)
      case 'modify':
        return this.#modify(plan)
      default:
        return one('Result', plan, this)
    }
  }

  #scan(plan: TableScan): Shape {
    const { relation, alias, access, isReverse } = plan
    const target = this.#target(relation, alias)
    const filters = [
      ...conjunctsOf(plan.pushed).map((condition) => accessText.overOrdinals(condition, plan)),
      ...conjunctsOf(plan.residual),
    ]
    const filter = [
      ...this.#condition('Filter', filters),
      ...(filters.length > 0 ? this.#removed('Filter', plan) : []),
      ...notPushed(plan),
    ]
    if (access.kind === 'all') {
      return {
        title: `Seq Scan on ${target.title}`,
        facts: [fact('Node Type', 'Seq Scan'), ...target.facts],
        properties: filter,
      }
    }
    const index = relation.indexes.find((one) => one.name === access.index)
    const isOnly = access.kind === 'ranges' && access.indexOnly && index?.isPrimary !== true
    const type = isOnly ? 'Index Only Scan' : 'Index Scan'
    return {
      title: `${type}${isReverse ? ' Backward' : ''} using ${quoteIdentifier(access.index)} on ${target.title}`,
      facts: [
        fact('Node Type', type),
        fact('Scan Direction', isReverse ? 'Backward' : 'Forward'),
        fact('Index Name', access.index),
        ...target.facts,
      ],
      properties: [
        ...this.#condition(
          'Index Cond',
          accessText.conditions(plan, (expression) => this.#write(expression)),
        ),
        ...filter,
      ],
    }
  }

  /** As the plan in whose place it stands, with what the store does of it. */
  #storeScan(plan: StoreScan): ExplainNode {
    const node = this.node(plan.local)
    const figures = this.#figures?.get(plan)
    const said = [{ label: 'Pushed Down', value: plan.pushed }, ...notPushed(plan)]
    if (figures?.refused !== undefined) {
      const reason = { label: 'Run Here', value: figures.refused }
      return { ...node, properties: [...node.properties, ...said, reason] }
    }
    return {
      ...node,
      estimate: plan.estimate,
      figures,
      properties: [...node.properties, ...this.#removed('Filter', plan), ...said],
      children: node.children.map((child) => ({ ...child, node: { ...child.node, isMeasured: false } })),
    }
  }

  #target(relation: TableScan['relation'], alias: string): { title: string; facts: Property[] } {
    const isVerbose = this.#options.verbose === true
    const name = quoteIdentifier(relation.name)
    const qualified = isVerbose ? `${quoteIdentifier(relation.schema)}.${name}` : name
    return {
      title: alias === relation.name ? qualified : `${qualified} ${quoteIdentifier(alias)}`,
      facts: [
        fact('Relation Name', relation.name),
        ...(isVerbose ? [fact('Schema', relation.schema)] : []),
        fact('Alias', alias),
      ],
    }
  }

  #values(rowCount: number): Shape {
    if (rowCount > 1) {
      return {
        title: 'Values Scan on "*VALUES*"',
        facts: [fact('Node Type', 'Values Scan'), fact('Alias', '*VALUES*')],
      }
    }
    return {
      title: 'Result',
      facts: [fact('Node Type', 'Result')],
      properties: rowCount === 0 ? [{ label: 'One-Time Filter', value: 'false' }] : [],
    }
  }

  #join(plan: NestedLoopJoin | HashJoin | MergeJoin): Shape {
    const [node, title] = joinNames(plan)
    const others = plan.kind === 'nested-loop' ? plan.condition : plan.residual
    const right = this.#child('Inner', plan.right)
    return {
      title,
      facts: [fact('Node Type', node), fact('Join Type', capitalized(plan.type))],
      properties: [
        ...this.#keys(plan),
        ...this.#condition('Join Filter', conjunctsOf(others)),
        ...(others === undefined ? [] : this.#removed('Join Filter', plan)),
      ],
      children: [
        this.#child('Outer', plan.left),
        plan.kind === 'hash-join' ? { relationship: 'Inner', node: this.#hash(plan, right.node) } : right,
      ],
    }
  }

  /** The table that PostgreSQL shows as an operator of its own. */
  #hash(plan: HashJoin, input: ExplainNode): ExplainNode {
    const figures = this.#figures?.get(plan)
    const memory =
      figures === undefined || figures.loops === 0
        ? []
        : [
            kilobytes('Peak Memory Usage', figures.memoryPeakBytes, 'Memory Usage'),
            ...(figures.spilledBytes > 0 ? [kilobytes('Disk Usage', figures.spilledBytes)] : []),
          ]
    const { rows, totalCost, width } = plan.right.estimate
    return {
      title: 'Hash',
      facts: [fact('Node Type', 'Hash')],
      estimate: { rows, startupCost: totalCost, totalCost, width },
      figures: input.figures,
      isMeasured: input.isMeasured,
      properties: memory,
      children: [{ relationship: 'Outer', node: input }],
    }
  }

  #keys(plan: NestedLoopJoin | HashJoin | MergeJoin): Property[] {
    if (plan.kind === 'nested-loop') return []
    const right = plan.rightKeys.map((key) => ('expression' in key ? key.expression : key))
    const left = plan.leftKeys.map((key) => ('expression' in key ? key.expression : key))
    const pairs = left.map((key, at) => {
      const other = right[at]
      const isNullEqual = plan.kind === 'hash-join' && plan.nullsEqual?.[at] === true
      const text = `${this.#write(key, true)} ${isNullEqual ? 'IS DISTINCT FROM' : '='} ${other === undefined ? '' : this.#write(other, true)}`
      return isNullEqual ? `(NOT (${text}))` : `(${text})`
    })
    const text = pairs.length === 1 ? (pairs[0] ?? '') : `(${pairs.join(' AND ')})`
    return [{ label: plan.kind === 'hash-join' ? 'Hash Cond' : 'Merge Cond', value: text }]
  }

  /** What PostgreSQL does for each row of the left side is shown as it shows it: a nested loop over an index scan. */
  #indexJoin(plan: IndexJoin): Shape {
    const index = plan.relation.indexes.find((one) => one.name === plan.index)
    const target = this.#target(plan.relation, plan.alias)
    const isOnly = plan.indexOnly && index?.isPrimary !== true
    const type = isOnly ? 'Index Only Scan' : 'Index Scan'
    const lefts = Math.max(1, plan.left.estimate.rows)
    const perLeft = Math.max(0, (plan.estimate.totalCost - plan.left.estimate.totalCost) / lefts)
    const isOneAtMost = plan.type === 'semi' || plan.type === 'anti'
    const inner: ExplainNode = {
      title: `${type} using ${quoteIdentifier(plan.index)} on ${target.title}`,
      facts: [
        fact('Node Type', type),
        fact('Scan Direction', 'Forward'),
        fact('Index Name', plan.index),
        ...target.facts,
      ],
      estimate: {
        rows: isOneAtMost ? 1 : Math.max(1, Math.round(plan.estimate.rows / lefts)),
        startupCost: 0,
        totalCost: perLeft,
        width: plan.estimate.width - (isOneAtMost ? 0 : plan.left.estimate.width),
      },
      figures: undefined,
      isMeasured: false,
      properties: [
        ...this.#condition(
          'Index Cond',
          accessText.keys(plan, (expression) => this.#write(expression, true)),
        ),
        ...this.#condition('Filter', conjunctsOf(plan.residual)),
        ...(plan.residual === undefined ? [] : this.#removed('Filter', plan)),
      ],
      children: [],
    }
    return {
      title: `Nested Loop${joinSuffix(plan.type)}`,
      facts: [fact('Node Type', 'Nested Loop'), fact('Join Type', capitalized(plan.type))],
      children: [this.#child('Outer', plan.left), { relationship: 'Inner', node: inner }],
    }
  }

  #aggregate(plan: Aggregate): Shape {
    const { strategy, groups, groupingSets, aggregates } = plan
    const keys = groups.map((group) => this.#write(group))
    if (groupingSets !== undefined) return this.#groupingSets(plan, groupingSets, keys)
    const isBare = strategy === 'sorted' && aggregates.length === 0
    const title =
      strategy === 'plain'
        ? 'Aggregate'
        : strategy === 'hash'
          ? 'HashAggregate'
          : isBare
            ? 'Group'
            : 'GroupAggregate'
    const strategyFact = strategy === 'plain' ? 'Plain' : strategy === 'hash' ? 'Hashed' : 'Sorted'
    return {
      title,
      facts: isBare
        ? [fact('Node Type', 'Group')]
        : [fact('Node Type', 'Aggregate'), fact('Strategy', strategyFact)],
      properties: [
        ...(keys.length === 0 ? [] : [{ label: 'Group Key', value: keys }]),
        ...(strategy === 'hash' ? this.#memory(plan) : []),
        ...notPushed(plan),
      ],
      children: [this.#child('Outer', plan.input)],
    }
  }

  #groupingSets(plan: Aggregate, sets: readonly (readonly number[])[], keys: readonly string[]): Shape {
    const hasTotal = sets.some((set) => set.length === 0)
    const lines = sets.map((set): Property => {
      const names = set.flatMap((position) => keys[position] ?? [])
      if (names.length === 0) return { label: 'Group Key', value: [], text: 'Group Key: ()' }
      return { label: 'Hash Key', value: names }
    })
    return {
      title: hasTotal ? 'MixedAggregate' : 'HashAggregate',
      facts: [fact('Node Type', 'Aggregate'), fact('Strategy', hasTotal ? 'Mixed' : 'Hashed')],
      properties: [...lines, ...this.#memory(plan)],
      children: [this.#child('Outer', plan.input)],
    }
  }

  #sort(plan: Sort): Shape {
    const type = plan.presorted > 0 ? 'Incremental Sort' : 'Sort'
    const keys = plan.keys.map((key) => this.#sortKey(key))
    return {
      title: type,
      facts: [fact('Node Type', type)],
      properties: [
        { label: 'Sort Key', value: keys },
        ...(plan.presorted > 0 ? [{ label: 'Presorted Key', value: keys.slice(0, plan.presorted) }] : []),
        ...this.#sortMethod(plan),
      ],
      children: [this.#child('Outer', plan.input)],
    }
  }

  #sortKey({ expression, isDescending, nullsFirst }: SortKey): string {
    const nulls = isDescending === nullsFirst ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'
    const direction = isDescending ? ' DESC' : ''
    return this.#write(expression) + collationSuffix(expression.type) + direction + nulls
  }

  #sortMethod(plan: Sort): Property[] {
    const figures = this.#figures?.get(plan)
    if (figures === undefined || figures.loops === 0) return []
    const isOnDisk = figures.spilledBytes > 0
    const method = isOnDisk ? 'external merge' : plan.limit === undefined ? 'quicksort' : 'top-N heapsort'
    const used = Math.ceil((isOnDisk ? figures.spilledBytes : figures.memoryPeakBytes) / 1024)
    const place = isOnDisk ? 'Disk' : 'Memory'
    return [
      { label: 'Sort Method', value: method, text: `Sort Method: ${method}  ${place}: ${used}kB` },
      { label: 'Sort Space Used', value: used, only: 'json' },
      { label: 'Sort Space Type', value: place, only: 'json' },
    ]
  }

  #distinct(plan: PhysicalPlan & { kind: 'distinct' }): Shape {
    if (plan.strategy === 'sorted') return one('Unique', plan.input, this)
    const keys = plan.columns.map(({ id, name, type }) =>
      this.#write({ kind: 'column', column: id, name, type }),
    )
    return {
      title: 'HashAggregate',
      facts: [fact('Node Type', 'Aggregate'), fact('Strategy', 'Hashed')],
      properties: [{ label: 'Group Key', value: keys }, ...this.#memory(plan)],
      children: [this.#child('Outer', plan.input)],
    }
  }

  #setOperation(plan: SetOperation): Shape {
    const members = plan.inputs.map((input) => this.#child('Member', input))
    if (plan.operation === 'append')
      return { title: 'Append', facts: [fact('Node Type', 'Append')], children: members }
    const append: ExplainNode = {
      title: 'Append',
      facts: [fact('Node Type', 'Append')],
      estimate: sumOf(plan.inputs),
      figures: undefined,
      isMeasured: false,
      properties: [],
      children: members,
    }
    const children: ExplainChild[] = [{ relationship: 'Outer', node: append }]
    if (plan.operation === 'union') {
      const keys = plan.columns.map(({ id, name, type }) =>
        this.#write({ kind: 'column', column: id, name, type }),
      )
      return {
        title: 'HashAggregate',
        facts: [fact('Node Type', 'Aggregate'), fact('Strategy', 'Hashed')],
        properties: [{ label: 'Group Key', value: keys }],
        children,
      }
    }
    const command = `${capitalized(plan.operation)}${plan.isAll ? ' All' : ''}`
    return {
      title: `HashSetOp ${command}`,
      facts: [fact('Node Type', 'SetOp'), fact('Strategy', 'Hashed'), fact('Command', command)],
      children,
    }
  }

  #modify(plan: Modify): Shape {
    const { change } = plan
    const operation = capitalized(change.kind)
    const target = this.#target(change.relation, change.alias)
    return {
      title: `${operation} on ${target.title}`,
      facts: [fact('Node Type', 'ModifyTable'), fact('Operation', operation), ...target.facts],
      properties: change.kind === 'insert' && change.onConflict ? this.#onConflict(change.onConflict) : [],
      children: [this.#child('Outer', plan.input)],
    }
  }

  #onConflict(
    conflict: NonNullable<Extract<Modify['change'], { kind: 'insert' }>['onConflict']>,
  ): Property[] {
    return [
      { label: 'Conflict Resolution', value: conflict.update === undefined ? 'NOTHING' : 'UPDATE' },
      ...(conflict.index === undefined
        ? []
        : [{ label: 'Conflict Arbiter Indexes', value: [conflict.index] }]),
      ...this.#condition('Conflict Filter', conjunctsOf(conflict.update?.condition)),
    ]
  }

  /** A filter is shown as a part of what it filters, where PostgreSQL's operator of that kind has filters. */
  #filter(plan: PhysicalPlan & { kind: 'filter' }): ExplainNode {
    const below = belowProjections(plan.input)
    const isOneTime = !refersToColumns(plan.condition, plan.input)
    const filter = isOneTime
      ? this.#condition('One-Time Filter', conjunctsOf(plan.condition), below)
      : this.#condition('Filter', conjunctsOf(plan.condition), below)
    const removed = isOneTime ? [] : this.#removed('Filter', plan)
    if (isOneTime || !takesFilters(below)) {
      const type = isOneTime ? 'Result' : 'Subquery Scan'
      return this.#finish(plan, {
        title: isOneTime ? type : 'Subquery Scan on unnamed_subquery',
        facts: [fact('Node Type', type)],
        properties: [...filter, ...removed],
        children: [this.#child(isOneTime ? 'Outer' : 'Subquery', plan.input)],
      })
    }
    const input = this.node(plan.input)
    return this.#withPlans(plan, {
      ...input,
      estimate: plan.estimate,
      figures: this.#figures?.get(plan) ?? input.figures,
      properties: [...input.properties, ...filter, ...removed],
    })
  }

  #with(plan: With): ExplainNode {
    const definitions = plan.definitions.map((definition): ExplainChild => ({
      relationship: 'InitPlan',
      name: `CTE ${quoteIdentifier(definition.name)}`,
      node: this.node(definition.plan),
    }))
    const body = this.node(plan.body)
    return { ...body, estimate: plan.estimate, children: [...definitions, ...body.children] }
  }

  #output(plan: PhysicalPlan): Property[] {
    if (this.#options.verbose !== true || plan.columns.length === 0) return []
    const columns = plan.columns.map(({ id, name, type }) =>
      this.#write({ kind: 'column', column: id, name, type }, false, plan),
    )
    return [{ label: 'Output', value: columns }]
  }

  #removed(label: 'Filter' | 'Join Filter', plan: PhysicalPlan): Property[] {
    const figures = this.#figures?.get(plan)
    if (figures === undefined || figures.loops === 0 || figures.removedRows === 0) return []
    return [{ label: `Rows Removed by ${label}`, value: Math.round(figures.removedRows / figures.loops) }]
  }

  #memory(plan: PhysicalPlan): Property[] {
    const figures = this.#figures?.get(plan)
    if (figures === undefined || figures.loops === 0) return []
    const memory = kilobytes('Peak Memory Usage', figures.memoryPeakBytes, 'Memory Usage')
    return figures.spilledBytes > 0 ? [memory, kilobytes('Disk Usage', figures.spilledBytes)] : [memory]
  }

  /** @param own the operator that shows it, whose own columns are written out */
  #condition(label: string, conditions: readonly (Expression | string)[], own?: PhysicalPlan): Property[] {
    if (conditions.length === 0) return []
    const texts = conditions.map((condition) =>
      typeof condition === 'string' ? condition : this.#write(condition, false, own),
    )
    return [{ label, value: texts.length === 1 ? (texts[0] ?? '') : `(${texts.join(' AND ')})` }]
  }

  #write(expression: Expression, showsImplicit = false, own?: PhysicalPlan): string {
    const ids = own === undefined ? undefined : new Set(own.columns.map((column) => column.id))
    const context = {
      scalar: this.#scalar,
      column: (column: Expression & { kind: 'column' }): string => {
        const isOwn = ids?.has(column.column) === true
        return this.#names.write(column, (inner) => this.#write(inner, true), isOwn)
      },
      subquery: (subquery: SubqueryExpression): string => this.#subqueryText(subquery),
    }
    return showsImplicit ? deparseOperand(expression, context) : deparseExpression(expression, context)
  }

  #subqueryText(subquery: SubqueryExpression): string {
    const { mode, plan, operators } = subquery
    const { isInit, label } = this.#subplan(plan, mode)
    if (mode === 'exists') return isInit ? label : `EXISTS(${label})`
    if (mode === 'array') return isInit ? label : `ARRAY(${label})`
    if (mode === 'scalar') return isInit ? label : `(${label})`
    const isHashed = this.#plan.subqueries.get(plan)?.correlations.length === 0
    const isNegated = mode === 'all' && operators?.[0]?.comparison === 'ne'
    const text = isHashed && (isNegated || mode === 'any') ? `(hashed ${label})` : `(${label})`
    return isNegated ? `(NOT ${text})` : text
  }

  #subplan(plan: object, mode: SubqueryExpression['mode']): Subplan {
    let known = this.#subplans.get(plan)
    if (known === undefined) {
      const isUncorrelated = this.#plan.subqueries.get(plan)?.correlations.length === 0
      const isInit = isUncorrelated && mode !== 'any' && mode !== 'all'
      const number = this.#subplans.size + 1
      const parameter = `$${this.#initPlans}`
      if (isInit) this.#initPlans++
      known = isInit
        ? { isInit, name: `InitPlan ${number} (returns ${parameter})`, label: parameter }
        : { isInit, name: `SubPlan ${number}`, label: `SubPlan ${number}` }
      this.#subplans.set(plan, known)
    }
    return known
  }

  /** With the plans inside of the operator's expressions, each shown where it is met first. */
  #withPlans(plan: PhysicalPlan, node: ExplainNode): ExplainNode {
    const children: ExplainChild[] = []
    for (const [inside, mode] of plansInside(plan)) {
      const entry = this.#plan.subqueries.get(inside)
      if (entry === undefined || this.#shown.has(inside)) continue
      this.#shown.add(inside)
      const { isInit, name } = this.#subplan(inside, mode)
      children.push({ relationship: isInit ? 'InitPlan' : 'SubPlan', name, node: this.node(entry.plan) })
    }
    return children.length === 0 ? node : { ...node, children: [...node.children, ...children] }
  }

  #child(relationship: ExplainChild['relationship'], plan: PhysicalPlan): ExplainChild {
    return { relationship, node: this.node(plan) }
  }
}

function one(
  title: string,
  input: PhysicalPlan,
  explainer: { node(plan: PhysicalPlan): ExplainNode },
): Shape {
  return {
    title,
    facts: [fact('Node Type', title)],
    children: [{ relationship: 'Outer', node: explainer.node(input) }],
  }
}

function notPushed({ notPushed: reason }: TableScan | StoreScan | Aggregate): Property[] {
  return reason === undefined ? [] : [{ label: 'Not Pushed', value: reason }]
}

function fact(label: string, value: string): Property {
  return { label, value }
}

function kilobytes(label: string, bytes: number, textLabel: string = label): Property {
  const used = Math.ceil(bytes / 1024)
  return { label, value: used, text: `${textLabel}: ${used}kB` }
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function joinSuffix(type: JoinType): string {
  return type === 'inner' ? '' : ` ${capitalized(type)} Join`
}

function joinNames({
  kind,
  type,
}: NestedLoopJoin | HashJoin | MergeJoin): readonly [node: string, title: string] {
  if (kind === 'nested-loop') return ['Nested Loop', `Nested Loop${joinSuffix(type)}`]
  const method = kind === 'hash-join' ? 'Hash' : 'Merge'
  return [`${method} Join`, type === 'inner' ? `${method} Join` : `${method} ${capitalized(type)} Join`]
}

function belowProjections(plan: PhysicalPlan): PhysicalPlan {
  return plan.kind === 'project' ? belowProjections(plan.input) : plan
}

function takesFilters(plan: PhysicalPlan): boolean {
  switch (plan.kind) {
    case 'table-scan':
    case 'store-scan':
    case 'values':
    case 'nested-loop':
    case 'hash-join':
    case 'merge-join':
    case 'index-join':
    case 'aggregate':
    case 'table-function':
    case 'common-scan':
    case 'filter':
      return true
    default:
      return false
  }
}

function sumOf(inputs: readonly PhysicalPlan[]): PhysicalPlan['estimate'] {
  const sum = { rows: 0, startupCost: 0, totalCost: 0, width: 0 }
  for (const { estimate } of inputs) {
    sum.rows += estimate.rows
    sum.totalCost += estimate.totalCost
    sum.width = Math.max(sum.width, estimate.width)
  }
  return sum
}

function refersToColumns(condition: Expression, input: PhysicalPlan): boolean {
  const ids = new Set(input.columns.map((column) => column.id))
  for (const column of columnsOf(condition)) if (ids.has(column)) return true
  return false
}
