import type { ScalarType } from '../../../../scalar/data-type.js'
import type { CastContext } from '../../../../scalar/functions/function.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { findPathway } from './pathway.js'
import { isMismatch, isPolymorphic, resolvePolymorphic } from './polymorphic.js'

/** Whether arguments of some types can be handed to parameters of others. */
export function canCoerce(
  statement: StatementState,
  sources: readonly ScalarType[],
  targets: readonly ScalarType[],
  context: CastContext,
): boolean {
  for (const [index, target] of targets.entries()) {
    const source = sources[index]
    if (source === undefined || !isPossible(statement, source, target, context)) return false
  }
  if (!targets.some(isPolymorphic)) return true
  // A parameter that all inputs leave open is an error only once the function has been chosen.
  if (sources.every((source, index) => source.oid === OID.unknown || !isPolymorphicAt(targets, index)))
    return true
  return !isMismatch(resolvePolymorphic(statement, targets, sources, statement.scalar(OID.bool)))
}

function isPolymorphicAt(types: readonly ScalarType[], index: number): boolean {
  const type = types[index]
  return type !== undefined && isPolymorphic(type)
}

function isPossible(
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
