/** CREATE SEQUENCE's options, and those of identity columns. */
import { queryError } from '../../../../scalar/condition.js'
import { bindTypeName } from '../../bind/types/type-names.js'
import type { QualifiedName, SequenceValue } from '../../catalog/records.js'
import { stringsOf, type DefElem, type Node } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { statementState } from '../statement-state.js'

type IntegerName = SequenceValue['type']

const LIMITS: Readonly<Record<IntegerName, readonly [bigint, bigint]>> = {
  int2: [-(2n ** 15n), 2n ** 15n - 1n],
  int4: [-(2n ** 31n), 2n ** 31n - 1n],
  int8: [-(2n ** 63n), 2n ** 63n - 1n],
}

/** A new sequence. @throws invalid_parameter_value */
export function sequenceValue(
  ddl: DefinitionContext,
  name: QualifiedName,
  options: readonly Node[],
  type: IntegerName = 'int8',
): SequenceValue {
  const given = optionsOf(ddl, options)
  const chosen = given.type ?? type
  const increment = given.increment ?? 1n
  if (increment === 0n) throw invalid('INCREMENT must not be zero')
  const [low, high] = LIMITS[chosen]
  const max = given.max ?? (increment > 0n ? high : -1n)
  const min = given.min ?? (increment > 0n ? 1n : low)
  return checked({
    ...name,
    owner: ddl.user,
    type: chosen,
    increment,
    min,
    max,
    start: given.start ?? (increment > 0n ? min : max),
    cache: given.cache ?? 1,
    cycle: given.cycle ?? false,
  })
}

/** The sequence with what ALTER says of it. @returns also where it is to begin again, when it is. */
export function alteredSequence(
  ddl: DefinitionContext,
  value: SequenceValue,
  options: readonly Node[],
): { readonly value: SequenceValue; readonly restart: bigint | undefined } {
  const given = optionsOf(ddl, options)
  const type = given.type ?? value.type
  const increment = given.increment ?? BigInt(value.increment)
  if (increment === 0n) throw invalid('INCREMENT must not be zero')
  const [low, high] = LIMITS[type]
  const [oldLow, oldHigh] = LIMITS[value.type]
  // A bound that was the old type's own becomes the new type's.
  const moved = (bound: bigint, old: bigint, now: bigint): bigint =>
    type !== value.type && bound === old ? now : bound
  const max =
    given.max ?? (given.hasNoMax ? (increment > 0n ? high : -1n) : moved(BigInt(value.max), oldHigh, high))
  const min =
    given.min ?? (given.hasNoMin ? (increment > 0n ? 1n : low) : moved(BigInt(value.min), oldLow, low))
  const altered = checked({
    ...value,
    type,
    increment,
    min,
    max,
    start: given.start ?? BigInt(value.start),
    cache: given.cache ?? value.cache,
    cycle: given.cycle ?? value.cycle,
  })
  return { value: altered, restart: given.restart === 'start' ? BigInt(altered.start) : given.restart }
}

/** `OWNED BY table.column`, or null for NONE; undefined where nothing is said. */
export function ownedBy(options: readonly Node[]): readonly string[] | null | undefined {
  for (const node of options) {
    if (!('DefElem' in node) || node.DefElem.defname !== 'owned_by') continue
    const { arg } = node.DefElem
    const names = arg !== undefined && 'List' in arg ? stringsOf(arg.List.items) : []
    return names.length === 1 && names[0] === 'none' ? null : names
  }
  return undefined
}

interface Draft extends Omit<SequenceValue, 'start' | 'increment' | 'min' | 'max'> {
  readonly start: bigint
  readonly increment: bigint
  readonly min: bigint
  readonly max: bigint
}

function checked(draft: Draft): SequenceValue {
  const { start, increment, min, max, type } = draft
  const [low, high] = LIMITS[type]
  const shownType = { int2: 'smallint', int4: 'integer', int8: 'bigint' }[type]
  if (max < low || max > high)
    throw invalid(`MAXVALUE (${max}) is out of range for sequence data type ${shownType}`)
  if (min < low || min > high)
    throw invalid(`MINVALUE (${min}) is out of range for sequence data type ${shownType}`)
  if (min >= max) throw invalid(`MINVALUE (${min}) must be less than MAXVALUE (${max})`)
  if (start < min) throw invalid(`START value (${start}) cannot be less than MINVALUE (${min})`)
  if (start > max) throw invalid(`START value (${start}) cannot be greater than MAXVALUE (${max})`)
  return {
    ...draft,
    start: String(start),
    increment: String(increment),
    min: String(min),
    max: String(max),
  }
}

interface GivenOptions {
  type?: IntegerName
  start?: bigint
  increment?: bigint
  min?: bigint
  max?: bigint
  cache?: number
  cycle?: boolean
  /** NO MINVALUE, NO MAXVALUE. */
  hasNoMin: boolean
  hasNoMax: boolean
  restart?: bigint | 'start'
}

function optionsOf(ddl: DefinitionContext, options: readonly Node[]): GivenOptions {
  const given: GivenOptions = { hasNoMin: false, hasNoMax: false }
  const seen = new Set<string>()
  for (const node of options) {
    if (!('DefElem' in node)) continue
    const option = node.DefElem
    const name = option.defname ?? ''
    if (seen.has(name))
      throw queryError('syntax_error', 'conflicting or redundant options', ddl.at(option.location))
    seen.add(name)
    readOption(ddl, given, name, option)
  }
  return given
}

function readOption(ddl: DefinitionContext, given: GivenOptions, name: string, option: DefElem): void {
  switch (name) {
    case 'as':
      given.type = integerType(ddl, option.arg)
      break
    case 'start':
      given.start = requireInteger(option)
      break
    case 'increment':
      given.increment = requireInteger(option)
      break
    case 'minvalue':
      if (option.arg === undefined) given.hasNoMin = true
      else given.min = requireInteger(option)
      break
    case 'maxvalue':
      if (option.arg === undefined) given.hasNoMax = true
      else given.max = requireInteger(option)
      break
    case 'cache': {
      const cache = requireInteger(option)
      if (cache < 1n) throw invalid(`CACHE (${cache}) must be greater than zero`)
      given.cache = Number(cache)
      break
    }
    case 'cycle':
      given.cycle = option.arg !== undefined && 'Boolean' in option.arg && option.arg.Boolean.boolval === true
      break
    case 'restart':
      given.restart = option.arg === undefined ? 'start' : requireInteger(option)
      break
    default:
  }
}

function integerType(ddl: DefinitionContext, arg: Node | undefined): IntegerName {
  const type =
    arg !== undefined && 'TypeName' in arg ? bindTypeName(statementState(ddl), arg.TypeName) : undefined
  const name = type?.scalar.name
  if (name === 'int2' || name === 'int4' || name === 'int8') return name
  throw invalid('sequence type must be smallint, integer, or bigint')
}

function requireInteger({ arg, defname }: DefElem): bigint {
  if (arg !== undefined) {
    if ('Integer' in arg) return BigInt(arg.Integer.ival ?? 0)
    if ('Float' in arg && /^-?\d+$/.test(arg.Float.fval ?? '')) return BigInt(arg.Float.fval ?? '0')
  }
  throw queryError('syntax_error', `${defname ?? 'option'} requires a numeric value`)
}

function invalid(message: string): Error {
  return queryError('invalid_parameter_value', message)
}
