/** How values of one type become values of another: PostgreSQL's rules of `find_coercion_pathway`. */
import type { ScalarType } from '../../../../scalar/data-type.js'
import type { Cast, CastContext } from '../../../../scalar/functions/function.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'

export type Pathway =
  /** The values are the same. */
  | { readonly kind: 'same' }
  | { readonly kind: 'cast'; readonly cast: Cast }
  /** Element by element. */
  | { readonly kind: 'elements'; readonly cast: Cast }

const SAME: Pathway = { kind: 'same' }
const FIRMNESS: Readonly<Record<CastContext, number>> = { implicit: 0, assignment: 1, explicit: 2 }

/** Undefined: there is none that may be used in this context. */
export function findPathway(
  statement: StatementState,
  source: ScalarType,
  target: ScalarType,
  context: CastContext,
): Pathway | undefined {
  if (source.oid === target.oid) return SAME
  const cast = statement.context.registry.castBetween(source, target)
  if (cast !== undefined) {
    return FIRMNESS[context] >= FIRMNESS[cast.context] ? { kind: 'cast', cast } : undefined
  }
  return elementsPathway(statement, source, target, context) ?? textPathway(source, target, context)
}

function elementsPathway(
  statement: StatementState,
  source: ScalarType,
  target: ScalarType,
  context: CastContext,
): Pathway | undefined {
  if (source.element === undefined || target.element === undefined) return undefined
  if (isInternalVector(target)) return undefined
  const inner = findPathway(statement, source.element, target.element, context)
  if (inner === undefined || inner.kind === 'elements') return undefined
  return inner.kind === 'same' ? SAME : { kind: 'elements', cast: inner.cast }
}

/** `int2vector` and `oidvector` look like arrays; nothing becomes one of them but as `pg_cast` says. */
function isInternalVector(type: ScalarType): boolean {
  return type.oid === OID.int2vector || type.oid === OID.oidvector
}

/** Any type can be assigned to a string, and be made of one when that is asked for. */
function textPathway(source: ScalarType, target: ScalarType, context: CastContext): Pathway | undefined {
  const isPossible =
    (context !== 'implicit' && target.category === 'S') || (context === 'explicit' && source.category === 'S')
  return isPossible ? { kind: 'cast', cast: castThroughText(source, target) } : undefined
}

const throughText = new WeakMap<ScalarType, WeakMap<ScalarType, Cast>>()

/** The conversion that writes a value and reads it again. */
export function castThroughText(source: ScalarType, target: ScalarType): Cast {
  let targets = throughText.get(source)
  if (targets === undefined) throughText.set(source, (targets = new WeakMap<ScalarType, Cast>()))
  let cast = targets.get(target)
  if (cast === undefined) {
    const volatility = dependsOnSettings(source) || dependsOnSettings(target) ? 'stable' : 'immutable'
    cast = { source, target, context: 'explicit', method: 'text', volatility }
    targets.set(target, cast)
  }
  return cast
}

/** Whether the text form depends on the session: dates and times, floats, names of catalog objects, and all made of them. */
function dependsOnSettings(type: ScalarType): boolean {
  if (type.element !== undefined) return dependsOnSettings(type.element)
  if (type.fields !== undefined || type.oid === OID.record) return true
  return 'DT'.includes(type.category) || type.name.startsWith('reg') || /^(float|bytea)/.test(type.name)
}
