import { createHash } from 'node:crypto'
import { actorKeys } from '../keys/actor-keys.js'
import { relationalKeys } from '../keys/relational-keys.js'
import type { KeyRange } from '../provider.js'

/** What is assigned to a store as a whole: the state of an actor, or the rows and indexes of a table. */
export type StoredObject =
  | { readonly kind: 'actor'; readonly type: string; readonly key: string }
  | { readonly kind: 'table'; readonly id: number }

/** As messages show it. */
export function objectName(object: StoredObject): string {
  return object.kind === 'actor' ? `actor ${object.type}/${object.key}` : `table ${object.id}`
}

/** Of fixed length whatever the name, so that keys made of it stay short. 128 bits of SHA-256, hexadecimal. */
export function objectId(object: StoredObject): string {
  const parts = object.kind === 'actor' ? ['actor', object.type, object.key] : ['table', object.id]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** Where all of its keys are, in whatever store. */
export function objectRange(object: StoredObject): KeyRange {
  return object.kind === 'actor' ? actorKeys.states(object.type, object.key) : relationalKeys.table(object.id)
}
