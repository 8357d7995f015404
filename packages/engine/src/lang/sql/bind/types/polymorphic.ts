/** Puts actual types in the place of pseudo-types that stand for any. */
import type { ScalarType } from '../../../../scalar/data-type.js'
import { multirangeOf } from '../../../../scalar/types/range-types.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { commonScalar } from './common-type.js'
import { COMPATIBLE, EXACT, isPolymorphic } from './pseudo-types.js'

export interface Resolution {
  readonly parameters: readonly ScalarType[]
  readonly result: ScalarType
}

/** What is wrong with the arguments, in PostgreSQL's words. */
export interface Mismatch {
  readonly message: string
  readonly detail?: string
}

/** Declared and actual types of the arguments of one family. */
interface Family {
  readonly element: ScalarType | undefined
  readonly array: ScalarType | undefined
  readonly range?: ScalarType | undefined
  readonly multirange?: ScalarType | undefined
}

/**
 * Puts actual types in the place of polymorphic ones. Types that are not polymorphic stay as declared.
 * @param actual of the arguments; `unknown` goes with everything
 */
export function resolvePolymorphic(
  statement: StatementState,
  declared: readonly ScalarType[],
  actual: readonly ScalarType[],
  result: ScalarType,
): Resolution | Mismatch {
  if (!declared.some(isPolymorphic)) return { parameters: declared, result }
  const exact = resolveExact(statement, declared, actual)
  if ('message' in exact) return exact
  const compatible = resolveCompatible(statement, declared, actual)
  if ('message' in compatible) return compatible
  const put = (type: ScalarType): ScalarType | undefined => substitute(type, exact, compatible)
  const outcome = put(result)
  if (outcome === undefined) return undetermined(result)
  const parameters: ScalarType[] = []
  for (const type of declared) {
    const parameter = put(type)
    if (parameter === undefined) return undetermined(type)
    parameters.push(parameter)
  }
  return { parameters, result: outcome }
}

export function isMismatch(outcome: Resolution | Mismatch): outcome is Mismatch {
  return 'message' in outcome
}

function undetermined(type: ScalarType): Mismatch {
  return isRange(type)
    ? { message: `could not determine polymorphic type ${type.displayName} because input has type unknown` }
    : { message: 'could not determine polymorphic type because input has type unknown' }
}

function isRange(type: ScalarType): boolean {
  return type.oid === OID.anyrange || type.oid === OID.anymultirange
}

function substitute(type: ScalarType, exact: Family, compatible: Family): ScalarType | undefined {
  switch (type.oid) {
    case OID.anyelement:
    case OID.anynonarray:
    case OID.anyenum:
      return exact.element
    case OID.anyarray:
      return exact.array
    case OID.anyrange:
      return exact.range
    case OID.anymultirange:
      return exact.multirange
    case OID.anycompatible:
    case OID.anycompatiblenonarray:
      return compatible.element
    case OID.anycompatiblearray:
      return compatible.array
    default:
      return isPolymorphic(type) ? undefined : type
  }
}

function resolveExact(
  statement: StatementState,
  declared: readonly ScalarType[],
  actual: readonly ScalarType[],
): Family | Mismatch {
  let element: ScalarType | undefined
  let array: ScalarType | undefined
  let range: ScalarType | undefined
  let multirange: ScalarType | undefined
  const seen = { isUsed: false, needsNonArray: false, needsEnum: false }
  for (const [index, { oid }] of declared.entries()) {
    if (!EXACT.has(oid)) continue
    seen.isUsed = true
    const type = actual[index]
    seen.needsNonArray ||= oid === OID.anynonarray
    seen.needsEnum ||= oid === OID.anyenum
    if (type === undefined || type.oid === OID.unknown) continue
    if (oid === OID.anyarray) {
      if (array !== undefined && array.oid !== type.oid) return notAlike('anyarray', array, type)
      array = type
    } else if (oid === OID.anyrange) {
      if (range !== undefined && range.oid !== type.oid) return notAlike('anyrange', range, type)
      if (type.subtype === undefined)
        return { message: `argument declared anyrange is not a range type but type ${type.displayName}` }
      range = type
    } else if (oid === OID.anymultirange) {
      if (multirange !== undefined && multirange.oid !== type.oid)
        return notAlike('anymultirange', multirange, type)
      if (type.range === undefined) {
        return {
          message: `argument declared anymultirange is not a multirange type but type ${type.displayName}`,
        }
      }
      multirange = type
    } else {
      if (element !== undefined && element.oid !== type.oid) return notAlike('anyelement', element, type)
      element = type
    }
  }
  if (!seen.isUsed) return { element, array }
  const ranges = rangesOf(range, multirange, element)
  if (ranges !== undefined) {
    if ('message' in ranges) return ranges
    return { ...ranges, array: array ?? (ranges.element && statement.arrayOf(ranges.element)) }
  }
  if (array !== undefined) {
    // An argument of the pseudo-type itself, as statistics views have it.
    if (array.oid === OID.anyarray && element === undefined) return { element: undefined, array }
    if (array.element === undefined) {
      return { message: `argument declared anyarray is not an array but type ${array.displayName}` }
    }
    if (element !== undefined && element.oid !== array.element.oid) {
      return {
        message: 'argument declared anyarray is not consistent with argument declared anyelement',
        detail: `${array.displayName} versus ${element.displayName}`,
      }
    }
    element = array.element
  }
  return checkElement(statement, element, array, seen)
}

/** Undefined where no range is among the arguments. */
function rangesOf(
  givenRange: ScalarType | undefined,
  multirange: ScalarType | undefined,
  element: ScalarType | undefined,
): Omit<Family, 'array'> | Mismatch | undefined {
  const range = givenRange ?? multirange?.range
  if (range === undefined) return undefined
  if (multirange?.range !== undefined && multirange.range.oid !== range.oid) {
    return {
      message: 'argument declared anymultirange is not consistent with argument declared anyrange',
      detail: `${multirange.displayName} versus ${range.displayName}`,
    }
  }
  if (element !== undefined && element.oid !== range.subtype?.oid) {
    return {
      message: `argument declared ${givenRange === undefined ? 'anymultirange' : 'anyrange'} is not consistent with argument declared anyelement`,
      detail: `${(givenRange ?? multirange ?? range).displayName} versus ${element.displayName}`,
    }
  }
  return { element: range.subtype, range, multirange: multirange ?? multirangeOf(range) }
}

function checkElement(
  statement: StatementState,
  element: ScalarType | undefined,
  array: ScalarType | undefined,
  needs: { readonly needsNonArray: boolean; readonly needsEnum: boolean },
): Family | Mismatch {
  if (element === undefined)
    return { message: 'could not determine polymorphic type because input has type unknown' }
  if (needs.needsNonArray && element.element !== undefined) {
    return { message: `type matched to anynonarray is an array type: ${element.displayName}` }
  }
  if (needs.needsEnum && element.category !== 'E') {
    return { message: `type matched to anyenum is not an enum type: ${element.displayName}` }
  }
  return { element, array: array ?? statement.arrayOf(element) }
}

function notAlike(name: string, one: ScalarType, other: ScalarType): Mismatch {
  return {
    message: `arguments declared "${name}" are not all alike`,
    detail: `${one.displayName} versus ${other.displayName}`,
  }
}

function resolveCompatible(
  statement: StatementState,
  declared: readonly ScalarType[],
  actual: readonly ScalarType[],
): Family | Mismatch {
  const elements: ScalarType[] = []
  let isUsed = false
  for (const [index, { oid }] of declared.entries()) {
    if (!COMPATIBLE.has(oid)) continue
    isUsed = true
    const type = actual[index]
    if (type === undefined || type.oid === OID.unknown) continue
    if (oid === OID.anycompatible || oid === OID.anycompatiblenonarray) elements.push(type)
    else if (type.element === undefined) {
      return { message: `argument declared anycompatiblearray is not an array but type ${type.displayName}` }
    } else elements.push(type.element)
  }
  if (!isUsed) return { element: undefined, array: undefined }
  const element = elements.length === 0 ? statement.scalar(OID.text) : commonScalar(statement, elements)
  if (element === undefined) {
    const [first, second] = [elements[0], elements.find((type) => type.oid !== elements[0]?.oid)]
    return {
      message: `arguments of anycompatible family cannot be cast to a common type`,
      ...(first && second ? { detail: `${first.displayName} versus ${second.displayName}` } : {}),
    }
  }
  if (declared.some((type) => type.oid === OID.anycompatiblenonarray) && element.element !== undefined) {
    return { message: `type matched to anycompatiblenonarray is an array type: ${element.displayName}` }
  }
  return { element, array: statement.arrayOf(element) }
}
