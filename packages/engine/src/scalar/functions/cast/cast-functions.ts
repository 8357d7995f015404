import { assert, defined } from '@orbit-ts/base'
import { allCasts } from '../../casts/all-casts.js'
import { queryError } from '../../condition.js'
import type { DataType, ScalarType } from '../../data-type.js'
import { isIntervalModifier } from '../../temporal/interval-modifier.js'
import type { Value } from '../../value.js'
import { parseSignature } from '../define/signature.js'
import { bound, scalar, type TypedImplementation } from '../define/scalar-function.js'
import type { Cast, ScalarFunction } from '../function.js'

/** Functions named after the type that they convert to: `float8(1)`. Each is a cast. */
const CONVERSIONS = `
  2557 bool(int4) bool
  3556 bool(jsonb) bool
  408 bpchar(name) bpchar
  860 bpchar(char) bpchar
  78 char(int4) char
  944 char(text) char
  1178 date(timestamptz) date stable
  2029 date(timestamp) date
  236 float4(int2) float4
  312 float4(float8) float4
  318 float4(int4) float4
  652 float4(int8) float4
  1745 float4(numeric) float4
  3453 float4(jsonb) float4
  235 float8(int2) float8
  311 float8(float4) float8
  316 float8(int4) float8
  482 float8(int8) float8
  1746 float8(numeric) float8
  2580 float8(jsonb) float8
  237 int2(float8) int2
  238 int2(float4) int2
  314 int2(int4) int2
  714 int2(int8) int2
  1783 int2(numeric) int2
  3450 int2(jsonb) int2
  77 int4(char) int4
  313 int4(int2) int4
  317 int4(float8) int4
  319 int4(float4) int4
  480 int4(int8) int4
  1744 int4(numeric) int4
  2558 int4(bool) int4
  3451 int4(jsonb) int4
  481 int8(int4) int8
  483 int8(float8) int8
  653 int8(float4) int8
  754 int8(int2) int8
  1288 int8(oid) int8
  1779 int8(numeric) int8
  3452 int8(jsonb) int8
  1370 interval(time) interval
  407 name(text) name
  409 name(bpchar) name
  1400 name(varchar) name
  1740 numeric(int4) numeric
  1742 numeric(float4) numeric
  1743 numeric(float8) numeric
  1781 numeric(int8) numeric
  1782 numeric(int2) numeric
  3449 numeric(jsonb) numeric
  1287 oid(int8) oid
  1079 regclass(text) regclass stable
  401 text(bpchar) text
  406 text(name) text
  946 text(char) text
  2971 text(bool) text
  1316 time(timestamp) time
  1419 time(interval) time
  2019 time(timestamptz) time stable
  2046 time(timetz) time
  2024 timestamp(date) timestamp
  2027 timestamp(timestamptz) timestamp stable
  1174 timestamptz(date) timestamptz stable
  2028 timestamptz(timestamp) timestamptz stable
  1388 timetz(timestamptz) timetz stable
  2047 timetz(time) timetz stable
  1401 varchar(name) varchar
  5071 xid(xid8) xid
`

/** Functions that bring a value to a modifier, named after its type. The last argument, if there is one: explicitly. */
const COERCIONS = `
  668 bpchar(bpchar,int4,bool) bpchar
  669 varchar(varchar,int4,bool) varchar
  1703 numeric(numeric,int4) numeric
  1968 time(time,int4) time
  1969 timetz(timetz,int4) timetz
  1961 timestamp(timestamp,int4) timestamp
  1967 timestamptz(timestamptz,int4) timestamptz
  1200 interval(interval,int4) interval
`

function conversion(signature: string): ScalarFunction {
  const { parameters, result } = parseSignature(signature)
  const cast = allCasts.find((each) => each.source === parameters[0] && each.target === result)
  assert(cast !== undefined, `there is a cast for ${signature}`)
  return bound(signature, (_, target) => implementationOf(cast, target))
}

function implementationOf({ source, target, method }: Cast, result: DataType): TypedImplementation {
  if (method === 'relabel') return (_, value: Value) => value
  if (method === 'text')
    return (context, value: Value) => target.parse(source.format(value, context), -1, context)
  return (context, value: Value) => method(context, value, result)
}

function coercion(signature: string): ScalarFunction {
  const type = defined(parseSignature(signature).parameters[0], 'the type')
  return scalar(signature, (_, value: Value, modifier: number, isExplicit = true) =>
    type.applyModifier === undefined || !isModifier(type, value, modifier)
      ? value
      : type.applyModifier(value, modifier, isExplicit),
  )
}

/** Modifiers come from the grammar, but any number may stand in a call. False: the value stays as it is. */
function isModifier({ name }: ScalarType, value: Value, modifier: number): boolean {
  switch (name) {
    case 'timestamp':
    case 'timestamptz':
      if (modifier !== -1 && (modifier < 0 || modifier > 6) && Number.isFinite(Number(value))) {
        throw queryError(
          'invalid_parameter_value',
          `timestamp(${modifier}) precision must be between 0 and 6`,
        )
      }
      return true
    case 'interval':
      if (modifier >= 0 && !isIntervalModifier(modifier)) {
        throw queryError('internal_error', `unrecognized interval typmod: ${modifier}`)
      }
      return true
    case 'bpchar':
    case 'varchar':
    case 'numeric':
      // What is less than the header that lengths are kept with is none.
      return modifier >= 4
    default:
      return true
  }
}

const lines = (text: string): string[] => text.trim().split('\n')

export const castFunctions: readonly ScalarFunction[] = [
  ...lines(CONVERSIONS).map(conversion),
  ...lines(COERCIONS).map(coercion),
]
