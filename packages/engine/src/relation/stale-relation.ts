import { queryError } from '../scalar/condition.js'
import type { CatalogObject } from '../catalog/catalog-object.js'
import type { Relation, RelationContext } from './relation.js'

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

/**
 * To be called before data is read by the definition that a relation stands for, however it was read before.
 * @returns what to wait for: it rejects with {@link staleRelation}. Undefined: nothing can have changed.
 */
export function requireAsPlanned(
  context: RelationContext,
  relation: Pick<Relation, 'name'>,
  object: CatalogObject,
): Promise<void> | undefined {
  return context.isAsPlanned?.(object)?.then((holds) => {
    if (!holds) throw staleRelation(relation)
  })
}

export function isStaleRelation(error: unknown): boolean {
  return error instanceof Error && STALE.has(error)
}
