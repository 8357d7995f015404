/**
 * Signatures of functions as text: `870 lower(text) text`, that is the OID, the name, the types of the parameters and
 * of the result by their `typname`, then what differs from most functions:
 *
 * - `nullable`: is called with null arguments too (otherwise it is strict);
 * - `stable`, `volatile` (otherwise it is immutable).
 *
 * A parameter that has a name has it before its type: `make_date(year int4,month int4,day int4)`. `variadic` stands
 * before all: `concat(variadic any)`.
 */
import { assert } from '@orbit-ts/base'
import type { ScalarType } from '../../data-type.js'
import type { Volatility } from '../function.js'
import { namedType } from './named-type.js'

export interface ParsedSignature {
  readonly oid: number
  readonly name: string
  readonly parameters: readonly ScalarType[]
  readonly parameterNames?: readonly string[]
  readonly isVariadic: boolean
  readonly result: ScalarType
  readonly isStrict: boolean
  readonly volatility: Volatility
}

const SIGNATURE = /^(\d+) (\S+?)\(([^)]*)\) (\S+)((?: nullable| stable| volatile)*)$/
const VARIADIC = 'variadic '

export function parseSignature(text: string): ParsedSignature {
  const match = SIGNATURE.exec(text.trim())
  assert(match !== null, `no signature: ${text}`)
  const [, oid, name = '', parameters = '', result = '', flags = ''] = match
  const parts = parameters === '' ? [] : parameters.split(',')
  const names = parts.map((part) => part.replace(VARIADIC, '').split(' ').slice(0, -1).join(' '))
  return {
    oid: Number(oid),
    name,
    parameters: parts.map((part) => namedType(part.slice(part.lastIndexOf(' ') + 1))),
    ...(names.some((each) => each !== '') ? { parameterNames: names } : {}),
    isVariadic: parts.some((part) => part.startsWith(VARIADIC)),
    result: namedType(result),
    isStrict: !flags.includes('nullable'),
    volatility: flags.includes('volatile') ? 'volatile' : flags.includes('stable') ? 'stable' : 'immutable',
  }
}
