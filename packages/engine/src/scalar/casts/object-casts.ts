/** Between numbers and the numbers of catalog objects. */
import type { ScalarType } from '../data-type.js'
import type { Cast } from '../functions/function.js'
import { outOfRange } from '../types/bad-input.js'
import { int2, int4, int8 } from '../types/integer-types.js'
import { oid, xid, xid8 } from '../types/oid-types.js'
import {
  regclass,
  regnamespace,
  regoper,
  regoperator,
  regproc,
  regprocedure,
  regrole,
  regtype,
} from '../types/reg-types.js'
import type { Int64 } from '../value.js'
import { castBy, relabel } from './define-cast.js'

/** @throws numeric_value_out_of_range */
function int8ToOid(value: Int64): number {
  if (value < 0 || value > 0xffff_ffff) throw outOfRange('OID')
  return Number(value)
}

/** Integers of four bytes have a sign, numbers of objects have none. */
function numberOf(type: ScalarType): readonly Cast[] {
  return [
    castBy<number>(int2, type, 'implicit', (value) => value >>> 0),
    castBy<number>(int4, type, 'implicit', (value) => value >>> 0),
    castBy<Int64>(int8, type, 'implicit', int8ToOid),
    castBy<number>(type, int4, 'assignment', (value) => value | 0),
    relabel(type, int8, 'assignment'),
  ]
}

const REGS = [regproc, regprocedure, regoper, regoperator, regclass, regtype, regnamespace, regrole]

export const objectCasts: readonly Cast[] = [
  ...numberOf(oid),
  ...REGS.flatMap((type) => [
    ...numberOf(type),
    relabel(oid, type, 'implicit'),
    relabel(type, oid, 'implicit'),
  ]),
  relabel(regproc, regprocedure, 'implicit'),
  relabel(regprocedure, regproc, 'implicit'),
  relabel(regoper, regoperator, 'implicit'),
  relabel(regoperator, regoper, 'implicit'),
  castBy<Int64>(xid8, xid, 'explicit', (value) => Number(BigInt.asUintN(32, BigInt(value)))),
]
