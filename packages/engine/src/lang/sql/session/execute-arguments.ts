import { queryError } from '../../../scalar/condition.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Value } from '../../../scalar/value.js'
import type { StatementTree } from '../parse/tree.js'
import type { ExecuteStmt, Node, PrepareStmt } from '../parse/tree.js'
import { currentPlan, startQuery } from './query-statement.js'
import type { StatementScope } from './statement-scope.js'
import type { SessionState } from './session-state.js'

/** The types that PREPARE declares: those of nulls that are cast to them. */
export function preparedTypes(
  state: SessionState,
  { catalog }: StatementScope,
  { argtypes }: PrepareStmt,
): (DataType | undefined)[] {
  const casts = (argtypes ?? []).flatMap((node): Node[] => {
    if (!('TypeName' in node)) return []
    return [{ TypeCast: { arg: { A_Const: { isnull: true } }, typeName: node.TypeName } }]
  })
  if (casts.length === 0) return []
  const { bound } = currentPlan(
    state,
    { tree: selectOf(casts), parameterTypes: [], plan: undefined },
    catalog,
  )
  return (bound.columns ?? []).map(({ type }) => type)
}

/** The values of EXECUTE's arguments, each converted to its parameter's type. */
export async function executeArguments(
  state: SessionState,
  scope: StatementScope,
  { name, params }: ExecuteStmt,
  types: readonly DataType[],
): Promise<Value[]> {
  const given = params ?? []
  if (given.length !== types.length) {
    throw queryError('syntax_error', `wrong number of parameters for prepared statement "${name ?? ''}"`, {
      detail: `Expected ${types.length} parameters but got ${given.length}.`,
    })
  }
  if (given.length === 0) return []
  const tree = selectOf(given.map((node, at) => converted(node, types[at])))
  const { execution } = await startQuery(state, { tree, parameterTypes: [], plan: undefined }, [], scope)
  for await (const [row] of execution) if (row !== undefined) return row
  return []
}

function converted(arg: Node, type: DataType | undefined): Node {
  if (type === undefined) return arg
  return { TypeCast: { arg, typeName: { typeOid: type.domain?.oid ?? type.scalar.oid } } }
}

function selectOf(expressions: readonly Node[]): StatementTree {
  return {
    node: {
      SelectStmt: {
        targetList: expressions.map((val) => ({ ResTarget: { val } })),
        limitOption: 'LIMIT_OPTION_DEFAULT',
        op: 'SETOP_NONE',
      },
    },
    text: `EXECUTE ${JSON.stringify(expressions, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`,
    source: '',
    offset: 0,
    offsetOf: () => undefined,
    indexOf: () => 0,
  }
}
