/** GROUP BY: its expressions, and the sets of them that ROLLUP, CUBE and GROUPING SETS write out. */
import type { GroupingSet, Node } from '../../parse/tree.js'
import { isSameExpression } from '../../../../plan/expressions/expression-key.js'
import { columnsOf } from '../../../../plan/logical/free-columns.js'
import { locationOf } from '../context/facts.js'
import type { QueryScope } from '../scope/query-scope.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { findTarget } from './find-target.js'
import { requireEquality } from './sort-keys.js'
import type { Target } from './target-list.js'

export interface Groups {
  readonly targets: readonly Target[]
  /** Indexes into `targets`; undefined: one set of all. */
  readonly sets: readonly (readonly number[])[] | undefined
}

/** More sets than this are refused. */
const SETS_MAX = 4096

export function bindGroupClause(
  scope: QueryScope,
  targets: Target[],
  nodes: readonly Node[],
  isDistinct: boolean,
): Groups {
  const binder = new GroupBinder(scope, targets)
  const parts = nodes.flatMap(flatten).map((node) => binder.sets(node))
  const isSimple = parts.every((sets) => sets.length === 1) && !nodes.some(isGroupingSet)
  if (isSimple) return { targets: binder.groups, sets: undefined }
  const sets = product(scope, parts)
  return { targets: binder.groups, sets: isDistinct ? withoutDuplicates(sets) : sets }
}

function isGroupingSet(node: Node): boolean {
  return 'GroupingSet' in node
}

/** `GROUP BY (a, b)` is `GROUP BY a, b`. */
function flatten(node: Node): readonly Node[] {
  if ('RowExpr' in node && node.RowExpr.row_format === 'COERCE_IMPLICIT_CAST') {
    return (node.RowExpr.args ?? []).flatMap(flatten)
  }
  return [node]
}

class GroupBinder {
  readonly groups: Target[] = []
  readonly #scope: QueryScope
  readonly #targets: Target[]

  constructor(scope: QueryScope, targets: Target[]) {
    this.#scope = scope
    this.#targets = targets
  }

  /** The sets that one entry of GROUP BY stands for, by indexes into `groups`. */
  sets(node: Node): number[][] {
    if (!('GroupingSet' in node)) return [[this.#group(node)]]
    return this.#groupingSets(node.GroupingSet)
  }

  #groupingSets({ kind, content = [], location = 0 }: GroupingSet): number[][] {
    switch (kind) {
      case 'GROUPING_SET_ROLLUP': {
        const elements = content.map((node) => this.#element(node))
        return Array.from({ length: elements.length + 1 }, (_, index) =>
          elements.slice(0, elements.length - index).flat(),
        )
      }
      case 'GROUPING_SET_CUBE': {
        const elements = content.map((node) => this.#element(node))
        if (elements.length > 12) {
          throw this.#scope.statement.error('too_many_columns', 'CUBE is limited to 12 elements', location)
        }
        return cube(elements)
      }
      case 'GROUPING_SET_SETS':
        return content.flatMap((node) =>
          'GroupingSet' in node ? this.#groupingSets(node.GroupingSet) : [this.#element(node)],
        )
      default:
        return [[]]
    }
  }

  /** One element of ROLLUP or CUBE, which may be several expressions together. */
  #element(node: Node): number[] {
    return unique(flatten(node).map((part) => this.#group(part)))
  }

  #group(node: Node): number {
    const { statement } = this.#scope
    const target = findTarget(this.#scope, this.#targets, node, 'group by')
    target.expression = resolveUnknown(statement, target.expression)
    this.#check(target)
    requireEquality(statement, target.expression)
    const known = this.groups.findIndex((group) => isSameExpression(group.expression, target.expression))
    return known >= 0 ? known : this.groups.push(target) - 1
  }

  /** Columns of the SELECT list that are computed from groups cannot be grouped by. */
  #check({ expression }: Target): void {
    const { statement, aggregates, windowCalls } = this.#scope
    const columns = columnsOf(expression)
    if (aggregates.some(({ id }) => columns.has(id))) {
      throw statement.error(
        'grouping_error',
        'aggregate functions are not allowed in GROUP BY',
        locationOf(expression),
      )
    }
    if (windowCalls.some(({ id }) => columns.has(id))) {
      throw statement.error(
        'windowing_error',
        'window functions are not allowed in GROUP BY',
        locationOf(expression),
      )
    }
  }
}

/** Every choice of the elements, the fullest first. */
function cube(elements: readonly (readonly number[])[]): number[][] {
  return Array.from({ length: 2 ** elements.length }, (_, mask) => mask)
    .map((mask) => elements.filter((_, index) => (mask & (1 << (elements.length - 1 - index))) === 0))
    .map((chosen) => chosen.flat())
}

/** Several entries of GROUP BY: each set of one with each of the others. */
function product(scope: QueryScope, parts: readonly (readonly (readonly number[])[])[]): number[][] {
  let sets: number[][] = [[]]
  for (const part of parts) {
    if (sets.length * part.length > SETS_MAX) {
      throw scope.statement.error(
        'statement_too_complex',
        `too many grouping sets present (maximum ${SETS_MAX})`,
      )
    }
    sets = sets.flatMap((set) => part.map((more) => unique([...set, ...more])))
  }
  return sets
}

function withoutDuplicates(sets: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const known = new Map<string, readonly number[]>()
  for (const set of sets) {
    const key = [...set].sort((a, b) => a - b).join()
    if (!known.has(key)) known.set(key, set)
  }
  return [...known.values()]
}

function unique(numbers: readonly number[]): number[] {
  return [...new Set(numbers)]
}
