import { queryError } from '../scalar/condition.js'
import type { Relation } from './relation.js'

/** The definition has been changed since the plan was made: it has to be made again. */
export function staleRelation(relation: Pick<Relation, 'name'>): Error {
  return queryError(
    'serialization_failure',
    `the definition of relation "${relation.name}" was changed while the statement ran`,
    { hint: 'Run it again.' },
  )
}
