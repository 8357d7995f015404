import type { ScalarType } from '../../../../scalar/data-type.js'
import type { CastContext } from '../../../../scalar/functions/function.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { findPathway } from './pathway.js'
import { isPolymorphic } from './pseudo-types.js'

/** Whether there is a way from one type to another. What a pseudo-type stands for is not looked at. */
export function canConvert(
  statement: StatementState,
  source: ScalarType,
  target: ScalarType,
  context: CastContext,
): boolean {
  if (source.oid === target.oid || target.oid === OID.any || isPolymorphic(target)) return true
  if (source.oid === OID.unknown) return true
  if (isComposite(source) && isComposite(target)) {
    return source.oid === OID.record || target.oid === OID.record
  }
  if (target.oid === OID.recordArray && source.element !== undefined && isComposite(source.element))
    return true
  return findPathway(statement, source, target, context) !== undefined
}

/** A row type, with a name or without. */
export function isComposite(type: ScalarType): boolean {
  return type.oid === OID.record || type.fields !== undefined
}
