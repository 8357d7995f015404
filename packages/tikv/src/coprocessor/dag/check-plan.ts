import { OrbitError, unreachable } from '@orbit-ts/base'
import type {
  DagAggregate,
  DagColumn,
  DagExpression,
  DagFunction,
  DagPlan,
  DagSource,
  DagType,
} from './dag-plan.js'
import { DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, typeOf } from './dag-types.js'
import { castSignature } from './function-signatures.js'
import { plainDatum, typeName } from './plain-datum.js'

/** Deeper trees overflow servers' stacks. */
const DEPTH_MAX = 100
const ID_MAX = 0xffff_ffff
const LONE_SURROGATE = /\p{Cs}/u

/** Refuses a plan that servers would misread or refuse. @throws `INVALID_ARGUMENT` */
export function checkPlan(plan: DagPlan): void {
  checkSource(plan.source)
  const { columns } = plan.source
  for (const condition of plan.conditions ?? []) requireKind(condition, columns, 'int', 'a condition')
  const steps = [plan.aggregate, plan.topN, plan.limit].filter((step) => step !== undefined)
  if (steps.length > 1) refuse('of aggregate, topN and limit a plan has one')
  if (plan.aggregate !== undefined) checkAggregate(plan.aggregate, columns)
  if (plan.topN !== undefined) {
    if (plan.topN.orderBy.length === 0) refuse('topN.orderBy is empty; give an expression, or use limit')
    for (const { by } of plan.topN.orderBy) checkExpression(by, columns)
    checkCount('topN.limit', plan.topN.limit)
  }
  if (plan.limit !== undefined) checkCount('limit', plan.limit)
  if (plan.output !== undefined) checkOutput(plan)
}

function checkSource(source: DagSource): void {
  const { columns, primaryKey = [] } = source
  requireId('source.tableId', source.tableId, Number.MAX_SAFE_INTEGER)
  if (source.kind === 'index') requireId('source.indexId', source.indexId, Number.MAX_SAFE_INTEGER)
  if (columns.length === 0) refuse('source.columns is empty; read one column at least')
  for (const column of columns) checkColumn(column)
  requireDistinct(columns.filter(({ isHandle }) => isHandle !== true).map(({ id }) => id))
  const handles = columns.filter(({ isHandle }) => isHandle === true)
  if (handles.length > 1) refuse('more than one column is the handle')
  if (handles.length > 0 && primaryKey.length > 0) {
    refuse('a table has an integer handle (isHandle) or a primaryKey of other columns, not both')
  }
  if (source.kind === 'table') {
    const strange = source.primaryKeyInRows?.find((id) => !primaryKey.includes(id))
    if (strange !== undefined) refuse(`column ${strange} of primaryKeyInRows is not in primaryKey`)
  } else checkIndexColumns(columns, primaryKey)
}

function checkIndexColumns(columns: readonly DagColumn[], primaryKey: readonly number[]): void {
  const handle = columns.findIndex(({ isHandle }) => isHandle === true)
  if (handle >= 0 && handle < columns.length - 1)
    refuse('the handle is not the last column of the index scan')
  if (primaryKey.length === 0) return
  const last = columns.slice(-primaryKey.length).map(({ id }) => id)
  if (last.join() !== primaryKey.join() || columns.length === primaryKey.length) {
    refuse('the last columns of the index scan are not those of its primaryKey, after at least one other')
  }
}

function checkColumn({ id, type, absent, isHandle }: DagColumn): void {
  if (isHandle === true) {
    if (type.kind !== 'int') refuse('the handle column is not of type int')
  } else requireId('id of a column', id, ID_MAX)
  checkType(type)
  if (absent !== undefined && absent !== null) plainDatum(type, absent)
}

function checkType(type: DagType): void {
  if (type.kind !== 'decimal') return
  const { precision, scale } = type
  const fits =
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    precision >= 1 &&
    precision <= DECIMAL_PRECISION_MAX &&
    scale >= 0 &&
    scale <= Math.min(precision, DECIMAL_SCALE_MAX)
  if (!fits) refuse(`${typeName(type)} does not exist: precision 1 to 65, scale 0 to 30 and not above it`)
}

function checkAggregate({ functions, groupBy }: DagAggregate, columns: readonly DagColumn[]): void {
  if (functions.length + groupBy.length === 0) refuse('aggregate has neither functions nor groupBy')
  for (const by of groupBy) checkExpression(by, columns)
  for (const one of functions) checkFunction(one, columns)
}

function checkFunction({ kind, arg }: DagFunction, columns: readonly DagColumn[]): void {
  if (arg === undefined) {
    if (kind !== 'count') refuse(`${kind} has no argument`)
    return
  }
  checkExpression(arg, columns)
  if (kind !== 'sum' && kind !== 'avg') return
  const type = typeOf(arg, columns)
  if (!['int', 'real', 'decimal'].includes(type.kind)) refuse(`${kind} of ${typeName(type)} does not exist`)
}

/** Its offsets and types fit, and its constants are of their types. */
function checkExpression(expression: DagExpression, columns: readonly DagColumn[], depth = 0): void {
  if (depth > DEPTH_MAX) refuse(`an expression is nested more than ${DEPTH_MAX} deep`)
  for (const part of partsOf(expression)) checkExpression(part, columns, depth + 1)
  switch (expression.kind) {
    case 'column':
      typeOf(expression, columns)
      break
    case 'constant':
      checkType(expression.type)
      if (expression.value !== null) plainDatum(expression.type, expression.value)
      break
    case 'compare':
      requireSame(expression.left, expression.right, columns, 'a comparison')
      break
    case 'and':
    case 'or':
      if (expression.args.length === 0) refuse(`${expression.kind} has no arguments`)
      for (const arg of expression.args)
        requireKindOf(arg, columns, 'int', `an argument of ${expression.kind}`)
      break
    case 'not':
      requireKindOf(expression.arg, columns, 'int', 'the argument of not')
      break
    case 'is-null':
      break
    case 'in':
      if (expression.list.length === 0) refuse('the list of in is empty')
      for (const item of expression.list) requireSame(expression.item, item, columns, 'in')
      break
    case 'arithmetic':
      checkArithmetic(expression, columns)
      break
    case 'like':
      checkLike(expression, columns)
      break
    case 'cast':
      checkCast(expression, columns)
      break
    default:
      unreachable(expression, 'kind of expression')
  }
}

function partsOf(expression: DagExpression): readonly DagExpression[] {
  switch (expression.kind) {
    case 'column':
    case 'constant':
      return []
    case 'compare':
    case 'arithmetic':
      return [expression.left, expression.right]
    case 'and':
    case 'or':
      return expression.args
    case 'not':
    case 'is-null':
    case 'cast':
      return [expression.arg]
    case 'in':
      return [expression.item, ...expression.list]
    case 'like':
      return [expression.text]
    default:
      return unreachable(expression, 'kind of expression')
  }
}

function checkArithmetic(
  expression: Extract<DagExpression, { kind: 'arithmetic' }>,
  columns: readonly DagColumn[],
): void {
  requireSame(expression.left, expression.right, columns, 'arithmetic')
  for (const side of [expression.left, expression.right]) {
    const type = typeOf(side, columns)
    const isSigned = type.kind === 'int' && type.unsigned !== true
    if (!isSigned && type.kind !== 'real' && type.kind !== 'decimal')
      refuse(`there is no arithmetic of ${typeName(type)}`)
  }
  checkType(typeOf(expression, columns))
}

function checkLike(
  { text, pattern, escape = '\\' }: Extract<DagExpression, { kind: 'like' }>,
  columns: readonly DagColumn[],
): void {
  requireKindOf(text, columns, 'text', 'the left side of like')
  if (!/^[\x00-\x7f]$/.test(escape)) refuse(`like: ${JSON.stringify(escape)} is not one ASCII character`)
  if (LONE_SURROGATE.test(pattern)) refuse('like: the pattern is no well-formed text')
  let open = false
  for (const character of pattern) open = !open && character === escape
  if (open) refuse('like: the pattern ends in its escape character')
}

function checkCast(
  { to, arg }: Extract<DagExpression, { kind: 'cast' }>,
  columns: readonly DagColumn[],
): void {
  checkType(to)
  const from = typeOf(arg, columns)
  const isUnsigned = from.kind === 'int' && from.unsigned === true
  if (isUnsigned || castSignature(from.kind, to.kind) === undefined)
    refuse(`there is no cast from ${typeName(from)} to ${typeName(to)}`)
}

function requireKind(
  expression: DagExpression,
  columns: readonly DagColumn[],
  kind: DagType['kind'],
  what: string,
): void {
  checkExpression(expression, columns)
  requireKindOf(expression, columns, kind, what)
}

function requireKindOf(
  expression: DagExpression,
  columns: readonly DagColumn[],
  kind: DagType['kind'],
  what: string,
): void {
  const type = typeOf(expression, columns)
  if (type.kind !== kind) refuse(`${what} is of type ${typeName(type)}; it must be of type ${kind}`)
}

/** Text and bytes do not mix: a server would compare them by either's collation. */
function requireSame(
  left: DagExpression,
  right: DagExpression,
  columns: readonly DagColumn[],
  what: string,
): void {
  const [one, other] = [typeOf(left, columns), typeOf(right, columns)]
  if (one.kind !== other.kind) refuse(`${what} has ${typeName(one)} and ${typeName(other)}; cast one of them`)
}

function checkOutput({ output = [], aggregate, source: { columns } }: DagPlan): void {
  if (aggregate !== undefined) refuse('output and aggregate do not go together')
  if (output.length === 0) refuse('output is empty; put out one column at least')
  for (const offset of output) typeOf({ kind: 'column', offset }, columns)
}

function checkCount(field: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1) refuse(`${field} is ${count}; it must be 1 or more`)
}

function requireId(field: string, id: number, max: number): void {
  if (!Number.isSafeInteger(id) || id < 1 || id > max) refuse(`${field} is ${id}; it must be 1 to ${max}`)
}

function requireDistinct(ids: readonly number[]): void {
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) refuse(`column ${twice} is named twice; servers fill in one of them only`)
}

function refuse(why: string): never {
  throw new OrbitError('INVALID_ARGUMENT', `plan: ${why}`, { field: 'plan' })
}
