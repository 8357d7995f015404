import { OrbitError, unreachable } from '@orbit-ts/base'
import type { DagAggregate, DagColumn, DagExpression, DagPlan, DagType } from './dag-plan.js'

const INT: DagType = { kind: 'int' }

/** MySQL's widest decimal: what sums are. */
const SUM_PRECISION = 65
export const DECIMAL_PRECISION_MAX = 65
export const DECIMAL_SCALE_MAX = 30

/** What an expression over rows of these columns gives. The expression has been checked. */
export function typeOf(expression: DagExpression, columns: readonly DagColumn[]): DagType {
  switch (expression.kind) {
    case 'column':
      return columnType(columns, expression.offset)
    case 'constant':
      return expression.type
    case 'cast':
      return expression.to
    case 'arithmetic':
      return arithmeticType(expression, columns)
    case 'compare':
    case 'and':
    case 'or':
    case 'not':
    case 'is-null':
    case 'in':
    case 'like':
      return INT
    default:
      return unreachable(expression, 'kind of expression')
  }
}

function columnType(columns: readonly DagColumn[], offset: number): DagType {
  const column = columns[offset]
  if (column !== undefined) return column.type
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `plan: an expression refers to column ${offset}; the source has columns 0 to ${columns.length - 1}`,
    { field: 'plan', offset },
  )
}

function arithmeticType(
  { op, left, right }: Extract<DagExpression, { kind: 'arithmetic' }>,
  columns: readonly DagColumn[],
): DagType {
  const [one, other] = [typeOf(left, columns), typeOf(right, columns)]
  if (one.kind !== 'decimal' || other.kind !== 'decimal') return one
  const scale = op === 'multiply' ? one.scale + other.scale : Math.max(one.scale, other.scale)
  const whole =
    op === 'multiply'
      ? one.precision - one.scale + other.precision - other.scale
      : Math.max(one.precision - one.scale, other.precision - other.scale) + 1
  return { kind: 'decimal', precision: Math.min(whole + scale, DECIMAL_PRECISION_MAX), scale }
}

/** What a sum of such values is. */
export function sumType(type: DagType): DagType {
  if (type.kind === 'real') return type
  return { kind: 'decimal', precision: SUM_PRECISION, scale: type.kind === 'decimal' ? type.scale : 0 }
}

/** The types of the columns that a plan puts out. */
export function outputTypes({ source: { columns }, aggregate, output }: DagPlan): DagType[] {
  if (aggregate !== undefined) return aggregateTypes(aggregate, columns)
  if (output === undefined) return columns.map(({ type }) => type)
  return output.map((offset) => columnType(columns, offset))
}

function aggregateTypes({ functions, groupBy }: DagAggregate, columns: readonly DagColumn[]): DagType[] {
  const results = functions.flatMap((one): DagType[] => {
    switch (one.kind) {
      case 'count':
        return [INT]
      case 'sum':
        return [sumType(typeOf(one.arg, columns))]
      case 'avg':
        return [INT, sumType(typeOf(one.arg, columns))]
      case 'min':
      case 'max':
      case 'first':
        return [typeOf(one.arg, columns)]
      default:
        return unreachable(one, 'kind of function')
    }
  })
  return [...results, ...groupBy.map((by) => typeOf(by, columns))]
}
