import { queryError } from '../scalar/condition.js'
import type { Relation } from './relation.js'

const STALE = new WeakSet<Error>()

/** The definition has been changed since the plan was made: it has to be made again. */
export function staleRelation(relation: Pick<Relation, 'name'>): Error {
  const error = queryError(
    'serialization_failure',
    `the definition of relation "${relation.name}" was changed while the statement ran`,
    { hint: 'Run it again.' },
  )
  STALE.add(error)
  return error
}

export function isStaleRelation(error: unknown): boolean {
  return error instanceof Error && STALE.has(error)
}
