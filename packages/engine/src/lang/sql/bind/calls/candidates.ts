/**
 * How one of several functions or operators of a name is chosen: PostgreSQL's rules (its documentation, chapter "Type
 * Conversion").
 */
import type { ScalarType } from '../../../../scalar/data-type.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { canCoerce } from '../types/can-coerce.js'

/** Something callable, with one parameter type for each argument of the call. */
export interface Candidate<C> {
  readonly callable: C
  readonly parameters: readonly ScalarType[]
}

/** The one that fits best; `ambiguous` when several do, undefined when none does. */
export function chooseCandidate<C>(
  statement: StatementState,
  args: readonly ScalarType[],
  candidates: readonly Candidate<C>[],
): Candidate<C> | 'ambiguous' | undefined {
  const possible = candidates.filter((candidate) =>
    canCoerce(statement, args, candidate.parameters, 'implicit'),
  )
  if (possible.length <= 1) return possible[0]
  const exact = best(possible, (candidate) => countMatches(candidate, args, isSameType))
  if (exact.length === 1) return exact[0]
  const preferred = best(exact, (candidate) => countMatches(candidate, args, isSameOrPreferred))
  if (preferred.length === 1) return preferred[0]
  const unknowns = args.filter((type) => type.oid === OID.unknown).length
  if (unknowns === 0) return 'ambiguous'
  const guessed = guessUnknowns(args, preferred)
  if (guessed.length === 1) return guessed[0]
  return assumeSameType(statement, args, guessed) ?? 'ambiguous'
}

type Match = (parameter: ScalarType, argument: ScalarType) => boolean

const isSameType: Match = (parameter, argument) => parameter.oid === argument.oid

const isSameOrPreferred: Match = (parameter, argument) =>
  parameter.oid === argument.oid || (parameter.isPreferred && parameter.category === argument.category)

function countMatches<C>(candidate: Candidate<C>, args: readonly ScalarType[], matches: Match): number {
  let count = 0
  for (const [index, arg] of args.entries()) {
    const parameter = candidate.parameters[index]
    if (arg.oid !== OID.unknown && parameter !== undefined && matches(parameter, arg)) count++
  }
  return count
}

function best<C>(
  candidates: readonly Candidate<C>[],
  score: (candidate: Candidate<C>) => number,
): readonly Candidate<C>[] {
  const scores = candidates.map(score)
  const most = Math.max(...scores)
  return candidates.filter((_, index) => scores[index] === most)
}

/** For each untyped argument a category: strings if any candidate takes one there, else the one that all agree on. */
function guessUnknowns<C>(
  args: readonly ScalarType[],
  candidates: readonly Candidate<C>[],
): readonly Candidate<C>[] {
  const guesses = new Map<number, { category: string; hasPreferred: boolean }>()
  for (const [index, arg] of args.entries()) {
    if (arg.oid !== OID.unknown) continue
    const guess = guessCategory(candidates.flatMap((candidate) => candidate.parameters[index] ?? []))
    if (guess === undefined) return candidates
    guesses.set(index, guess)
  }
  const fitting = candidates.filter((candidate) => fits(candidate, guesses))
  return fitting.length === 0 ? candidates : fitting
}

function guessCategory(
  parameters: readonly ScalarType[],
): { category: string; hasPreferred: boolean } | undefined {
  const isString = parameters.some((type) => type.category === 'S')
  const category = isString ? 'S' : parameters[0]?.category
  if (category === undefined) return undefined
  if (!isString && parameters.some((type) => type.category !== category)) return undefined
  return {
    category,
    hasPreferred: parameters.some((type) => type.category === category && type.isPreferred),
  }
}

function fits<C>(
  candidate: Candidate<C>,
  guesses: ReadonlyMap<number, { category: string; hasPreferred: boolean }>,
): boolean {
  for (const [index, { category, hasPreferred }] of guesses) {
    const parameter = candidate.parameters[index]
    if (parameter?.category !== category) return false
    if (hasPreferred && !parameter.isPreferred) return false
  }
  return true
}

/** When all typed arguments are of one type, the untyped ones are taken to be of it too. */
function assumeSameType<C>(
  statement: StatementState,
  args: readonly ScalarType[],
  candidates: readonly Candidate<C>[],
): Candidate<C> | undefined {
  const known = args.find((type) => type.oid !== OID.unknown)
  if (known === undefined || args.some((type) => type.oid !== OID.unknown && type.oid !== known.oid)) {
    return undefined
  }
  const assumed = args.map(() => known)
  const possible = candidates.filter((candidate) =>
    canCoerce(statement, assumed, candidate.parameters, 'implicit'),
  )
  return possible.length === 1 ? possible[0] : undefined
}
