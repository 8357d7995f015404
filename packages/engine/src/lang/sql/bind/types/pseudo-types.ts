/** The pseudo-types that stand for any type, in PostgreSQL's two families. */
import type { ScalarType } from '../../../../scalar/data-type.js'
import { OID } from '../context/system-types.js'

/** All of one type exactly. */
export const EXACT: ReadonlySet<number> = new Set([
  OID.anyelement,
  OID.anyarray,
  OID.anynonarray,
  OID.anyenum,
  OID.anyrange,
  OID.anymultirange,
])
/** Of types that go with each other. */
export const COMPATIBLE: ReadonlySet<number> = new Set([
  OID.anycompatible,
  OID.anycompatiblearray,
  OID.anycompatiblenonarray,
  OID.anycompatiblerange,
  OID.anycompatiblemultirange,
])

export function isPolymorphic(type: ScalarType): boolean {
  return EXACT.has(type.oid) || COMPATIBLE.has(type.oid)
}
