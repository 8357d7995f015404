/** Which collation a call works with: SQL's derivation from its arguments. */
import type { Expression } from '../../../../plan/expression.js'
import type { Collation, DataType } from '../../../../scalar/data-type.js'
import { factsOf, locationOf, note, retyped } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'

export interface Derivation {
  readonly collation: Collation | undefined
  readonly strength: 'implicit' | 'explicit' | 'conflict'
}

const DEFAULT: Derivation = { collation: undefined, strength: 'implicit' }

/** @throws collation_mismatch when COLLATE was said twice, differently */
export function deriveCollation(statement: StatementState, args: readonly Expression[]): Derivation {
  let derived = DEFAULT
  for (const arg of args) {
    if (isCollated(arg.type)) derived = merge(statement, derived, arg)
  }
  return derived
}

function merge(statement: StatementState, derived: Derivation, arg: Expression): Derivation {
  const collation = arg.type.collation?.name === 'default' ? undefined : arg.type.collation
  const strength = factsOf(arg).collation ?? 'implicit'
  if (strength === 'explicit') {
    if (derived.strength === 'explicit' && derived.collation?.name !== collation?.name) {
      throw statement.error(
        'collation_mismatch',
        `collation mismatch between explicit collations "${nameOf(derived.collation)}" and "${nameOf(collation)}"`,
        factsOf(arg).collateLocation ?? locationOf(arg),
      )
    }
    return { collation, strength }
  }
  if (derived.strength !== 'implicit') return derived
  if (strength === 'conflict') return { collation: undefined, strength }
  if (collation === undefined || collation.name === derived.collation?.name) return derived
  if (derived.collation === undefined) return { collation, strength }
  return { collation: undefined, strength: 'conflict' }
}

function nameOf(collation: Collation | undefined): string {
  return collation?.name ?? 'default'
}

export function isCollated(type: DataType): boolean {
  return type.scalar.isCollatable || type.scalar.element?.isCollatable === true
}

/** The arguments with the collation that the call works with. */
export function withCollation(args: readonly Expression[], { collation }: Derivation): readonly Expression[] {
  return args.map((arg) => {
    if (!isCollated(arg.type) || arg.type.collation?.name === collation?.name) return arg
    return retyped(arg, typeWith(arg.type, collation))
  })
}

export function typeWith(type: DataType, collation: Collation | undefined): DataType {
  if (!isCollated(type) || type.collation?.name === collation?.name) return type
  const { scalar, modifier } = type
  return collation === undefined ? { scalar, modifier } : { scalar, modifier, collation }
}

/** The result of a call of collated arguments. */
export function noteDerivation<E extends Expression>(expression: E, { strength }: Derivation): E {
  if (strength === 'implicit' || !isCollated(expression.type)) return expression
  return note(expression, { collation: strength })
}

/** @throws indeterminate_collation for what has to compare strings of different collations */
export function requireCollation(
  statement: StatementState,
  { strength }: Derivation,
  location: number | undefined,
  purpose = 'string comparison',
): void {
  if (strength !== 'conflict') return
  throw statement.error(
    'indeterminate_collation',
    `could not determine which collation to use for ${purpose}`,
    location,
    { hint: 'Use the COLLATE clause to set the collation explicitly.' },
  )
}
