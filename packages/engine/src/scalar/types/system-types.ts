/** All types of the system, each under its name; `systemTypes` has them all, their arrays too. */
import type { ScalarType } from '../data-type.js'
import { aclitem } from './aclitem-type.js'
import { makeArrayType } from './array-type.js'
import { bit, varbit } from './bit-types.js'
import { bool } from './bool-type.js'
import { bytea } from './bytea-type.js'
import { float4, float8 } from './float-types.js'
import { int2, int4, int8 } from './integer-types.js'
import { json, jsonb, jsonpath } from './json-types.js'
import { money } from './money-type.js'
import { cidr, inet, macaddr, macaddr8 } from './network-types.js'
import { int2vector, oidvector } from './number-list-types.js'
import { numeric } from './numeric-type.js'
import { cid, oid, pgLsn, tid, xid, xid8 } from './oid-types.js'
import {
  any,
  anyarray,
  anycompatible,
  anycompatiblearray,
  anycompatiblenonarray,
  anycompatiblerange,
  anyelement,
  anyenum,
  anymultirange,
  anynonarray,
  anyrange,
  eventTrigger,
  internal,
  languageHandler,
  trigger,
  voidType,
} from './pseudo-types.js'
import {
  datemultirange,
  daterange,
  int4multirange,
  int4range,
  int8multirange,
  int8range,
  nummultirange,
  numrange,
  tsmultirange,
  tsrange,
  tstzmultirange,
  tstzrange,
} from './range-types.js'
import { record } from './record-types.js'
import {
  regclass,
  regnamespace,
  regoper,
  regoperator,
  regproc,
  regprocedure,
  regrole,
  regtype,
} from './reg-types.js'
import { date, interval, time, timestamp, timestamptz, timetz } from './temporal-types.js'
import { bpchar, char, cstring, name, refcursor, text, unknown, varchar } from './text-types.js'
import { uuid } from './uuid-type.js'
import { vector } from './vector-type.js'

export {
  bool,
  bytea,
  float4,
  float8,
  int2,
  int4,
  int8,
  json,
  jsonb,
  jsonpath,
  int2vector,
  oidvector,
  numeric,
}
export { cid, oid, pgLsn, tid, xid, xid8, record, uuid, vector }
export { any, anyarray, anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange }
export { anyelement, anyenum, anymultirange, anynonarray, anyrange, eventTrigger, internal, languageHandler }
export { trigger, voidType }
export { regclass, regnamespace, regproc, regprocedure, regrole, regtype }
export { date, interval, time, timestamp, timestamptz, timetz }
export { bpchar, char, cstring, name, refcursor, text, unknown, varchar }

export const boolArray: ScalarType = makeArrayType(bool, { oid: 1000 })
export const byteaArray: ScalarType = makeArrayType(bytea, { oid: 1001 })
export const charArray: ScalarType = makeArrayType(char, { oid: 1002 })
export const nameArray: ScalarType = makeArrayType(name, { oid: 1003 })
export const int8Array: ScalarType = makeArrayType(int8, { oid: 1016 })
export const int2Array: ScalarType = makeArrayType(int2, { oid: 1005 })
export const int4Array: ScalarType = makeArrayType(int4, { oid: 1007 })
export const textArray: ScalarType = makeArrayType(text, { oid: 1009 })
export const oidArray: ScalarType = makeArrayType(oid, { oid: 1028 })
export const jsonArray: ScalarType = makeArrayType(json, { oid: 199 })
export const jsonbArray: ScalarType = makeArrayType(jsonb, { oid: 3807 })
export const float4Array: ScalarType = makeArrayType(float4, { oid: 1021 })
export const float8Array: ScalarType = makeArrayType(float8, { oid: 1022 })
export const bpcharArray: ScalarType = makeArrayType(bpchar, { oid: 1014 })
export const varcharArray: ScalarType = makeArrayType(varchar, { oid: 1015 })
export const dateArray: ScalarType = makeArrayType(date, { oid: 1182 })
export const timeArray: ScalarType = makeArrayType(time, { oid: 1183 })
export const timestampArray: ScalarType = makeArrayType(timestamp, { oid: 1115 })
export const timestamptzArray: ScalarType = makeArrayType(timestamptz, { oid: 1185 })
export const intervalArray: ScalarType = makeArrayType(interval, { oid: 1187 })
export const timetzArray: ScalarType = makeArrayType(timetz, { oid: 1270 })
export const numericArray: ScalarType = makeArrayType(numeric, { oid: 1231 })
export const uuidArray: ScalarType = makeArrayType(uuid, { oid: 2951 })
export const recordArray: ScalarType = makeArrayType(record, { oid: 2287 })
export const vectorArray: ScalarType = makeArrayType(vector, { oid: 90_001 })

const SCALARS: readonly ScalarType[] = [
  ...[bool, bytea, char, name, int8, int2, int4, text, oid, tid, xid, cid, json, jsonb, jsonpath],
  ...[float4, float8, unknown, bpchar, varchar, date, time, timestamp, timestamptz, interval, timetz],
  ...[aclitem, numeric, refcursor, uuid, xid8, pgLsn, int2vector, oidvector, vector],
  ...[bit, varbit, inet, cidr, macaddr, macaddr8, money],
  ...[int4range, numrange, tsrange, tstzrange, daterange, int8range],
  ...[int4multirange, nummultirange, tsmultirange, tstzmultirange, datemultirange, int8multirange],
  ...[regproc, regprocedure, regoper, regoperator, regclass, regtype, regnamespace, regrole],
  ...[record, cstring, any, anyarray, voidType, trigger, eventTrigger, languageHandler, internal],
  ...[anyelement, anynonarray, anyenum, anyrange, anymultirange],
  ...[anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange],
]

const ARRAYS: readonly ScalarType[] = [
  ...[boolArray, byteaArray, charArray, nameArray, int8Array, int2Array, int4Array, textArray, oidArray],
  ...[jsonArray, jsonbArray, float4Array, float8Array, bpcharArray, varcharArray, dateArray, timeArray],
  ...[timestampArray, timestamptzArray, intervalArray, timetzArray, numericArray, uuidArray],
  ...[recordArray, vectorArray],
  makeArrayType(bit, { oid: 1561 }),
  makeArrayType(varbit, { oid: 1563 }),
  makeArrayType(inet, { oid: 1041 }),
  makeArrayType(cidr, { oid: 651 }),
  makeArrayType(macaddr, { oid: 1040 }),
  makeArrayType(macaddr8, { oid: 775 }),
  makeArrayType(money, { oid: 791 }),
  makeArrayType(int4range, { oid: 3905 }),
  makeArrayType(numrange, { oid: 3907 }),
  makeArrayType(tsrange, { oid: 3909 }),
  makeArrayType(tstzrange, { oid: 3911 }),
  makeArrayType(daterange, { oid: 3913 }),
  makeArrayType(int8range, { oid: 3927 }),
  makeArrayType(int4multirange, { oid: 6150 }),
  makeArrayType(nummultirange, { oid: 6151 }),
  makeArrayType(tsmultirange, { oid: 6152 }),
  makeArrayType(tstzmultirange, { oid: 6153 }),
  makeArrayType(datemultirange, { oid: 6155 }),
  makeArrayType(int8multirange, { oid: 6157 }),
  makeArrayType(aclitem, { oid: 1034 }),
  makeArrayType(int2vector, { oid: 1006 }),
  makeArrayType(oidvector, { oid: 1013 }),
  makeArrayType(regproc, { oid: 1008 }),
  makeArrayType(tid, { oid: 1010 }),
  makeArrayType(xid, { oid: 1011 }),
  makeArrayType(cid, { oid: 1012 }),
  makeArrayType(xid8, { oid: 271 }),
  makeArrayType(cstring, { oid: 1263 }),
  makeArrayType(refcursor, { oid: 2201 }),
  makeArrayType(regprocedure, { oid: 2207 }),
  makeArrayType(regoper, { oid: 2208 }),
  makeArrayType(regoperator, { oid: 2209 }),
  makeArrayType(regclass, { oid: 2210 }),
  makeArrayType(regtype, { oid: 2211 }),
  makeArrayType(regnamespace, { oid: 4090 }),
  makeArrayType(regrole, { oid: 4097 }),
  makeArrayType(jsonpath, { oid: 4073 }),
  makeArrayType(pgLsn, { oid: 3221 }),
]

export const systemTypes: readonly ScalarType[] = [...SCALARS, ...ARRAYS]
