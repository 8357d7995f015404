/**
 * Operators as text, one a line: its OID, its name, the types of its sides, the OID of its function, then the names of
 * its commutator and its negator. `.` stands for what is not there: the left side of a prefix operator.
 */
import { assert } from '@orbit-ts/base'
import { namedType } from '../functions/define/named-type.js'
import type { Comparison, Operator, ScalarFunction } from '../functions/function.js'

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': 'eq',
  '<>': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
}

export function defineOperators(
  lines: string,
  functionByOid: ReadonlyMap<number, ScalarFunction>,
): readonly Operator[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => defineOperator(line.trim().split(' '), functionByOid))
}

function defineOperator(
  words: readonly string[],
  functionByOid: ReadonlyMap<number, ScalarFunction>,
): Operator {
  const [oid, name = '', left = '.', right = '', functionOid, commutator = '.', negator = '.'] = words
  const comparison = COMPARISONS[name]
  const implementation = functionByOid.get(Number(functionOid))
  assert(implementation !== undefined, `no function of the operator ${words.join(' ')}`)
  return {
    oid: Number(oid),
    name,
    left: left === '.' ? undefined : namedType(left),
    right: namedType(right),
    function: implementation,
    ...(comparison === undefined ? {} : { comparison }),
    ...(commutator === '.' ? {} : { commutator }),
    ...(negator === '.' ? {} : { negator }),
  }
}
