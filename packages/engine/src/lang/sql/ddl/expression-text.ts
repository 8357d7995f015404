/** Expressions of parse trees as text again, for keeping them in definitions. Everything is in parentheses that may need them. */
import { queryError, unsupported } from '../../../scalar/condition.js'
import { quoteName } from '../catalog/quote-name.js'
import {
  itemsOf,
  nodeKind,
  stringOf,
  type A_Const,
  type A_Expr,
  type A_Indirection,
  type CaseExpr,
  type FuncCall,
  type Node,
  type SQLValueFunction,
  type TypeName,
} from '../parse/tree.js'

/** @throws feature_not_supported for what definitions cannot hold, subqueries above all */
export function expressionText(node: Node | undefined): string {
  if (node === undefined) return 'NULL'
  if ('A_Const' in node) return constantText(node.A_Const)
  if ('ColumnRef' in node) return (node.ColumnRef.fields ?? []).map(fieldText).join('.')
  if ('TypeCast' in node)
    return `CAST(${expressionText(node.TypeCast.arg)} AS ${typeText(node.TypeCast.typeName)})`
  if ('FuncCall' in node) return callText(node.FuncCall)
  if ('A_Expr' in node) return `(${operatorText(node.A_Expr)})`
  if ('BoolExpr' in node) return boolText(node.BoolExpr.boolop ?? '', node.BoolExpr.args ?? [])
  if ('NullTest' in node) {
    const test = node.NullTest.nulltesttype === 'IS_NOT_NULL' ? 'IS NOT NULL' : 'IS NULL'
    return `(${expressionText(node.NullTest.arg)} ${test})`
  }
  if ('BooleanTest' in node)
    return `(${expressionText(node.BooleanTest.arg)} ${(node.BooleanTest.booltesttype ?? '').replaceAll('_', ' ')})`
  if ('CaseExpr' in node) return caseText(node.CaseExpr)
  if ('CoalesceExpr' in node) return `COALESCE(${listText(node.CoalesceExpr.args)})`
  if ('MinMaxExpr' in node)
    return `${node.MinMaxExpr.op === 'IS_LEAST' ? 'LEAST' : 'GREATEST'}(${listText(node.MinMaxExpr.args)})`
  if ('SQLValueFunction' in node) return valueFunctionText(node.SQLValueFunction)
  if ('A_ArrayExpr' in node) return `ARRAY[${listText(node.A_ArrayExpr.elements)}]`
  if ('RowExpr' in node) return `ROW(${listText(node.RowExpr.args)})`
  if ('A_Indirection' in node) return indirectionText(node.A_Indirection)
  if ('CollateClause' in node) {
    const name = (node.CollateClause.collname ?? []).map((part) => quoteName(stringOf(part) ?? '')).join('.')
    return `(${expressionText(node.CollateClause.arg)} COLLATE ${name})`
  }
  if ('List' in node) return `(${listText(node.List.items)})`
  if ('SubLink' in node) throw queryError('feature_not_supported', 'cannot use subquery in this expression')
  throw unsupported(`${nodeKind(node)} in a stored expression`)
}

/** A type as it was written. */
export function typeText(type: TypeName | undefined): string {
  const names = (type?.names ?? []).map((part) => stringOf(part) ?? '')
  const isSystem = names.length === 2 && names[0] === 'pg_catalog'
  const plain = (isSystem ? names.slice(1) : names).map(quoteType).join('.')
  const modifiers = type?.typmods === undefined ? '' : `(${listText(type.typmods)})`
  const bounds = (type?.arrayBounds ?? []).map(() => '[]').join('')
  const name = isSystem && plain === 'interval' ? 'interval' : isSystem ? `pg_catalog.${plain}` : plain
  return `${name}${modifiers}${bounds}`
}

const quoteType = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteName(name))

export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

function constantText({ isnull, ival, fval, boolval, sval, bsval }: A_Const): string {
  if (isnull === true) return 'NULL'
  if (ival !== undefined) return String(ival.ival ?? 0)
  if (fval !== undefined) return fval.fval ?? '0'
  if (boolval !== undefined) return boolval.boolval === true ? 'true' : 'false'
  if (sval !== undefined) return quoteLiteral(sval.sval ?? '')
  if (bsval !== undefined) return `B'${(bsval.bsval ?? '').slice(1)}'`
  return 'NULL'
}

function fieldText(field: Node): string {
  const name = stringOf(field)
  return name === undefined ? '*' : quoteName(name)
}

function listText(nodes: readonly Node[] | undefined): string {
  return (nodes ?? []).map(expressionText).join(', ')
}

function callText(call: FuncCall): string {
  const { funcname, args, agg_star: isStar, agg_distinct: isDistinct, func_variadic: isVariadic, over } = call
  if (over !== undefined || call.agg_order !== undefined || call.agg_filter !== undefined)
    throw queryError('windowing_error', 'window functions are not allowed in this expression')
  const name = (funcname ?? []).map((part) => quoteName(stringOf(part) ?? '')).join('.')
  const list = (args ?? []).map(expressionText)
  const last = list.length - 1
  if (isVariadic === true && list[last] !== undefined) list[last] = `VARIADIC ${list[last]}`
  return `${name}(${isDistinct === true ? 'DISTINCT ' : ''}${isStar === true ? '*' : list.join(', ')})`
}

function operatorText({ kind, name, lexpr, rexpr }: A_Expr): string {
  const operator = operatorName(name)
  const left = lexpr === undefined ? '' : expressionText(lexpr)
  const right = (): string => expressionText(rexpr)
  const between = (word: string): string => {
    const [low, high] = itemsOf(rexpr)
    return `${left} ${word} ${expressionText(low)} AND ${expressionText(high)}`
  }
  switch (kind) {
    case 'AEXPR_OP_ANY':
      return `${left} ${operator} ANY (${right()})`
    case 'AEXPR_OP_ALL':
      return `${left} ${operator} ALL (${right()})`
    case 'AEXPR_DISTINCT':
      return `${left} IS DISTINCT FROM ${right()}`
    case 'AEXPR_NOT_DISTINCT':
      return `${left} IS NOT DISTINCT FROM ${right()}`
    case 'AEXPR_NULLIF':
      return `NULLIF(${left}, ${right()})`
    case 'AEXPR_IN':
      return `${left} ${operator === '=' ? 'IN' : 'NOT IN'} ${right()}`
    case 'AEXPR_LIKE':
      return `${left} ${operator === '~~' ? 'LIKE' : 'NOT LIKE'} ${right()}`
    case 'AEXPR_ILIKE':
      return `${left} ${operator === '~~*' ? 'ILIKE' : 'NOT ILIKE'} ${right()}`
    case 'AEXPR_SIMILAR':
      return `${left} ${operator === '~' ? '~' : '!~'} ${right()}`
    case 'AEXPR_BETWEEN':
      return between('BETWEEN')
    case 'AEXPR_NOT_BETWEEN':
      return between('NOT BETWEEN')
    case 'AEXPR_BETWEEN_SYM':
      return between('BETWEEN SYMMETRIC')
    case 'AEXPR_NOT_BETWEEN_SYM':
      return between('NOT BETWEEN SYMMETRIC')
    default:
      return left === '' ? `${operator} ${right()}` : `${left} ${operator} ${right()}`
  }
}

function operatorName(name: readonly Node[] | undefined): string {
  const parts = (name ?? []).map((part) => stringOf(part) ?? '')
  const last = parts.at(-1) ?? ''
  return parts.length > 1 ? `OPERATOR(${parts.slice(0, -1).map(quoteName).join('.')}.${last})` : last
}

function boolText(operator: string, args: readonly Node[]): string {
  const texts = args.map(expressionText)
  if (operator === 'NOT_EXPR') return `(NOT ${texts.join()})`
  return `(${texts.join(operator === 'AND_EXPR' ? ' AND ' : ' OR ')})`
}

function caseText({ arg, args, defresult }: CaseExpr): string {
  const branches = (args ?? []).map((node) => {
    if (!('CaseWhen' in node)) throw unsupported(nodeKind(node))
    return ` WHEN ${expressionText(node.CaseWhen.expr)} THEN ${expressionText(node.CaseWhen.result)}`
  })
  const otherwise = defresult === undefined ? '' : ` ELSE ${expressionText(defresult)}`
  return `CASE${arg === undefined ? '' : ` ${expressionText(arg)}`}${branches.join('')}${otherwise} END`
}

function valueFunctionText({ op, typmod }: SQLValueFunction): string {
  const name = (op ?? '').replace('SVFOP_', '')
  if (!name.endsWith('_N')) return name
  return `${name.slice(0, -2)}(${typmod ?? 6})`
}

function indirectionText({ arg, indirection }: A_Indirection): string {
  const parts = (indirection ?? []).map((node) => {
    const name = stringOf(node)
    if (name !== undefined) return `.${quoteName(name)}`
    if (!('A_Indices' in node)) throw unsupported(`${nodeKind(node)} in a stored expression`)
    const { is_slice: isSlice, lidx, uidx } = node.A_Indices
    const [lower, upper] = [lidx, uidx].map((bound) => (bound === undefined ? '' : expressionText(bound)))
    return isSlice === true ? `[${lower}:${upper}]` : `[${upper}]`
  })
  return `(${expressionText(arg)})${parts.join('')}`
}
