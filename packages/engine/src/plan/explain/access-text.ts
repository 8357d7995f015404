import { substitute } from '../expressions/substitute.js'
import type { ColumnId, Expression } from '../expression.js'
import { columnExpression } from '../expressions/conditions.js'
import type { OutputColumn } from '../logical-plan.js'
import type { IndexJoin, RangePlan, TableScan } from '../physical-plan.js'
import { indexNamed, type Relation } from '../../relation/relation.js'

type Write = (expression: Expression) => string

interface Source {
  readonly relation: Relation
  readonly columns: readonly OutputColumn[]
  readonly ordinals: readonly number[]
}

/** What an index is asked for, as the conditions that it came from. */
export const accessText = {
  conditions(plan: TableScan, write: Write): string[] {
    const { access } = plan
    if (access.kind === 'all') return []
    const { relation, settled } = plan
    const columns = [...plan.columns, ...(settled?.columns ?? [])]
    const ordinals = [...plan.ordinals, ...(settled?.ordinals ?? [])]
    const keys = keyTexts({ relation, columns, ordinals }, access.index, write)
    switch (access.kind) {
      case 'points':
        return alternatives(access.keys.map((key) => equalities(keys, key, write)))
      case 'point-array': {
        const last = keys[access.prefix.length] ?? '?'
        return [...equalities(keys, access.prefix, write), `(${last} = ANY (${write(access.array)}))`]
      }
      case 'ranges':
        return alternatives(access.ranges.map((range) => rangeConditions(keys, range, write)))
    }
  },

  keys(plan: IndexJoin, write: Write): string[] {
    const source = { relation: plan.relation, columns: plan.right, ordinals: plan.ordinals }
    return equalities(keyTexts(source, plan.index, write), plan.keys, write)
  },
}

function columnsByOrdinal({ relation, columns, ordinals }: Source): Map<ColumnId, Expression> {
  const byOrdinal = new Map<ColumnId, Expression>()
  // Columns that are not read have no id; their names will do.
  relation.columns.forEach(({ name, type }, ordinal) => {
    byOrdinal.set(ordinal, { kind: 'column', column: -1 - ordinal, name, type })
  })
  columns.forEach((column, at) => {
    const ordinal = ordinals[at]
    if (ordinal !== undefined) byOrdinal.set(ordinal, columnExpression(column))
  })
  return byOrdinal
}

function keyTexts(source: Source, indexName: string, write: Write): string[] {
  const index = indexNamed(source.relation, indexName)
  const byOrdinal = columnsByOrdinal(source)
  return (index?.keys ?? []).map(({ key }) => {
    const expression = typeof key === 'number' ? byOrdinal.get(key) : substitute(key, byOrdinal)
    return expression === undefined ? '?' : write(expression)
  })
}

function equalities(keys: readonly string[], values: readonly Expression[], write: Write): string[] {
  return values.map((value, at) => `(${keys[at] ?? '?'} = ${write(value)})`)
}

function rangeConditions(keys: readonly string[], range: RangePlan, write: Write): string[] {
  const { prefix, prefixNulls, lower, upper, notNull } = range
  const key = keys[prefix.length] ?? '?'
  const conditions = prefix.map((value, at) =>
    prefixNulls?.includes(at) === true
      ? `(${keys[at] ?? '?'} IS NULL)`
      : `(${keys[at] ?? '?'} = ${write(value)})`,
  )
  if (lower !== undefined) conditions.push(`(${key} ${lower.isInclusive ? '>=' : '>'} ${write(lower.value)})`)
  if (upper !== undefined) conditions.push(`(${key} ${upper.isInclusive ? '<=' : '<'} ${write(upper.value)})`)
  if (notNull === true) conditions.push(`(${key} IS NOT NULL)`)
  return conditions
}

/** Several ranges are shown as one condition. */
function alternatives(groups: readonly (readonly string[])[]): string[] {
  const [first = []] = groups
  if (groups.length <= 1) return [...first]
  const shown = groups
    .slice(0, SHOWN_MAX)
    .map((group) => (group.length === 1 ? (group[0] ?? '') : `(${group.join(' AND ')})`))
  if (groups.length > SHOWN_MAX) shown.push('...')
  return [`(${shown.join(' OR ')})`]
}

const SHOWN_MAX = 50
