/** The name that a result's column gets when the query gives it none. */
import { stringOf, type Node } from '../../parse/tree.js'

const NAMELESS = '?column?'

export function columnName(node: Node | undefined): string {
  return nameOf(node)?.name ?? NAMELESS
}

interface Guess {
  readonly name: string
  /** A better name from inside an expression replaces it. */
  readonly isWeak?: true
}

function nameOf(node: Node | undefined): Guess | undefined {
  if (node === undefined) return undefined
  if ('ColumnRef' in node) return lastName(node.ColumnRef.fields)
  if ('FuncCall' in node) return lastName(node.FuncCall.funcname)
  if ('A_Indirection' in node)
    return lastName(node.A_Indirection.indirection) ?? nameOf(node.A_Indirection.arg)
  if ('TypeCast' in node) {
    const inner = nameOf(node.TypeCast.arg)
    if (inner !== undefined && inner.isWeak !== true) return inner
    const type = lastName(node.TypeCast.typeName?.names)
    return type === undefined ? inner : { ...type, isWeak: true }
  }
  if ('CollateClause' in node) return nameOf(node.CollateClause.arg)
  if ('CaseExpr' in node) {
    const inner = nameOf(node.CaseExpr.defresult)
    return inner !== undefined && inner.isWeak !== true ? inner : { name: 'case', isWeak: true }
  }
  if ('SubLink' in node) return subqueryName(node)
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? { name: 'nullif' } : undefined
  if ('MinMaxExpr' in node) return { name: node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest' }
  if ('SQLValueFunction' in node) return sqlValueName(node.SQLValueFunction.op)
  const [kind = ''] = Object.keys(node)
  const name = NAMES[kind]
  return name === undefined ? undefined : { name }
}

const NAMES: Readonly<Record<string, string>> = {
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  CoalesceExpr: 'coalesce',
  GroupingFunc: 'grouping',
}

function lastName(nodes: readonly Node[] | undefined): Guess | undefined {
  for (const node of [...(nodes ?? [])].reverse()) {
    const name = stringOf(node)
    if (name !== undefined) return { name }
  }
  return undefined
}

function subqueryName(node: Extract<Node, { SubLink: unknown }>): Guess | undefined {
  switch (node.SubLink.subLinkType) {
    case 'ARRAY_SUBLINK':
      return { name: 'array' }
    case 'EXPR_SUBLINK': {
      const query = node.SubLink.subselect
      const [target] = (query !== undefined && 'SelectStmt' in query && query.SelectStmt.targetList) || []
      if (target === undefined || !('ResTarget' in target)) return undefined
      const { name, val } = target.ResTarget
      return name === undefined ? nameOf(val) : { name }
    }
    case 'EXISTS_SUBLINK':
    case undefined:
      return { name: 'exists' }
    default:
      return undefined
  }
}

/** `SVFOP_CURRENT_TIME_N` is called `current_time`. */
function sqlValueName(op = 'SVFOP_CURRENT_DATE'): Guess {
  return {
    name: op
      .replace(/^SVFOP_/, '')
      .replace(/_N$/, '')
      .toLowerCase(),
  }
}
