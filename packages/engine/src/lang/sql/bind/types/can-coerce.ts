import type { ScalarType } from '../../../../scalar/data-type.js'
import type { CastContext } from '../../../../scalar/functions/function.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { canConvert } from './can-convert.js'
import { isMismatch, resolvePolymorphic } from './polymorphic.js'
import { isPolymorphic } from './pseudo-types.js'

/** Whether arguments of some types can be handed to parameters of others. */
export function canCoerce(
  statement: StatementState,
  sources: readonly ScalarType[],
  targets: readonly ScalarType[],
  context: CastContext,
): boolean {
  for (const [index, target] of targets.entries()) {
    const source = sources[index]
    if (source === undefined || !canConvert(statement, source, target, context)) return false
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
