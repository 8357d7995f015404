/**
 * TABLESAMPLE. A row is in the sample or not by a number made of its key and of a seed, so a sample is the same however
 * often, and in whatever order, one statement reads the table. SYSTEM takes rows as BERNOULLI does: there are no blocks.
 */
import type { Expression } from '../../../../plan/expression.js'
import { keyOfRow } from '../../../../relation/table-row-id.js'
import { queryError } from '../../../../scalar/condition.js'
import type { ScalarFunction } from '../../../../scalar/functions/function.js'
import type { Value } from '../../../../scalar/value.js'
import { stringsOf, type Node, type RangeTableSample } from '../../parse/tree.js'
import { OID } from '../context/system-types.js'
import type { StatementState } from '../context/statement-state.js'
import { bindIn } from '../expressions/bind-expression.js'
import type { QueryScope } from '../scope/query-scope.js'
import { tryCoerce } from '../types/coerce.js'
import { FilteredTree, ScanLeaf, type BoundFrom } from './from-tree.js'
import { bindRangeVar } from './range-var.js'

const METHODS: ReadonlySet<string> = new Set(['bernoulli', 'system'])

/** Ours; see `ScalarFunction.oid`. */
const SAMPLE_OID = 90_900

/** @throws undefined_object, invalid_tablesample_argument, feature_not_supported */
export function bindTableSample(scope: QueryScope, node: RangeTableSample): BoundFrom {
  const { statement } = scope
  const { relation, args = [], repeatable, location } = node
  if (relation === undefined || !('RangeVar' in relation))
    throw statement.unsupported('TABLESAMPLE', location)
  const bound = bindRangeVar(scope, relation.RangeVar)
  const [item] = bound.items
  if (!(bound.tree instanceof ScanLeaf) || item?.relation?.kind !== 'table')
    throw statement.error(
      'feature_not_supported',
      'TABLESAMPLE clause can only be applied to tables and materialized views',
      relation.RangeVar.location,
    )
  const method = stringsOf(node.method).at(-1) ?? ''
  if (!METHODS.has(method))
    throw statement.error('undefined_object', `tablesample method ${method} does not exist`, location)
  if (args.length !== 1)
    throw statement.error(
      'invalid_tablesample_argument',
      `tablesample method ${method} requires 1 argument, not ${args.length}`,
      location,
    )
  const leaf = bound.tree
  const type = statement.type(OID.record)
  const condition: Expression = {
    kind: 'call',
    function: sampleFunction(statement, repeatable !== undefined),
    args: [
      { kind: 'column', column: leaf.rowId(), name: 'row', type },
      number(scope, args[0]),
      ...(repeatable === undefined ? [] : [number(scope, repeatable)]),
    ],
    type: statement.type(OID.bool),
  }
  return { ...bound, tree: new FilteredTree(leaf, [condition]) }
}

function number(scope: QueryScope, node: Node | undefined): Expression {
  const { statement } = scope
  const expression = bindIn(scope, 'from function', node)
  const found = tryCoerce(statement, expression, statement.type(OID.float8), 'assignment')
  if (found !== undefined) return found
  throw statement.error(
    'datatype_mismatch',
    `argument of TABLESAMPLE must be type double precision, not type ${expression.type.scalar.displayName}`,
  )
}

function sampleFunction(statement: StatementState, isRepeatable: boolean): ScalarFunction {
  const float8 = statement.scalar(OID.float8)
  return {
    kind: 'scalar',
    oid: SAMPLE_OID + (isRepeatable ? 1 : 0),
    name: 'tablesample',
    parameters: [statement.scalar(OID.record), float8, ...(isRepeatable ? [float8] : [])],
    result: statement.scalar(OID.bool),
    isStrict: false,
    volatility: 'stable',
    bind:
      () =>
      (context, row = null, percent = null, seed = null) => {
        const share = checkPercent(percent)
        if (isRepeatable && seed === null)
          throw queryError('invalid_tablesample_repeat', 'TABLESAMPLE REPEATABLE parameter cannot be null')
        const start = isRepeatable ? Number(seed) : context.statementMicros
        return share >= 1 || place(keyOfRow(row), start) < share
      },
  }
}

function checkPercent(percent: Value): number {
  if (percent === null)
    throw queryError('invalid_tablesample_argument', 'TABLESAMPLE parameter cannot be null')
  const value = Number(percent)
  if (!(value >= 0 && value <= 100))
    throw queryError('invalid_tablesample_argument', 'sample percentage must be between 0 and 100')
  return value / 100
}

const SEED = new DataView(new ArrayBuffer(8))

/** A number from 0 to 1 for each key. */
function place(key: Uint8Array, seed: number): number {
  SEED.setFloat64(0, seed)
  let hash = mixed(mixed(0x9e37_79b9, SEED.getUint32(0)), SEED.getUint32(4))
  for (const byte of key) hash = mixed(hash, byte)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}

/** One step of MurmurHash3's 32-bit form. */
function mixed(hash: number, part: number): number {
  let mixedPart = Math.imul(part, 0xcc9e_2d51)
  mixedPart = Math.imul((mixedPart << 15) | (mixedPart >>> 17), 0x1b87_3593)
  const turned = hash ^ mixedPart
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe654_6b64) | 0
}
