import { didYouMean } from '@orbit-ts/base'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import type { WriteOptions } from './collection.js'
import type { ReadDocument } from './document-record.js'
import { idProblem } from './document-id.js'
import type { OpenCollection } from './open-collection.js'

/** @throws INVALID_ARGUMENT */
export function checkIds(collection: OpenCollection, ids: unknown): void {
  if (!Array.isArray(ids)) {
    throw collection.error('INVALID_ARGUMENT', `ids is ${describe(ids)}; it must be an array of strings`, {
      field: 'ids',
    })
  }
  for (const id of ids as readonly unknown[]) {
    const problem = idProblem(id)
    if (problem !== undefined) throw collection.error('INVALID_ARGUMENT', `id ${problem}`, { field: 'id' })
  }
}

/** @throws INVALID_ARGUMENT */
export function checkWriteOptions(collection: OpenCollection, options: unknown): void {
  if (!isPlainObject(options)) {
    throw collection.error('INVALID_ARGUMENT', `options is ${describe(options)}; it must be an object`, {
      field: 'options',
    })
  }
  for (const [key, value] of Object.entries(options)) {
    const field = `options.${key}`
    if (key !== 'ifRevision') {
      throw collection.error('INVALID_ARGUMENT', `${field} is unknown${didYouMean(key, ['ifRevision'])}`, {
        field,
      })
    }
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw collection.error(
        'INVALID_ARGUMENT',
        `${field} is ${describe(value)}; it must be a revision, 1 or more`,
        {
          field,
        },
      )
    }
  }
}

/** A document as an argument: an object whose id, if it has one, is a good one. @throws INVALID_ARGUMENT */
export function checkGiven(
  collection: OpenCollection,
  given: unknown,
  where: string,
): { readonly id?: string } {
  if (!isPlainObject(given)) {
    throw collection.error('INVALID_ARGUMENT', `${where} is ${describe(given)}; it must be an object`, {
      field: where,
    })
  }
  const id = given['id']
  if (id === undefined) return {}
  const problem = idProblem(id)
  if (problem !== undefined) {
    throw collection.error('INVALID_ARGUMENT', `${where}: id ${problem}`, { field: `${where}.id` })
  }
  // An id without a problem is a string.
  return { id: id as string }
}

/** @throws PRECONDITION_FAILED */
export function checkRevision(
  collection: OpenCollection,
  id: string,
  { ifRevision }: WriteOptions,
  before: ReadDocument | undefined,
): void {
  if (ifRevision === undefined || before?.revision === ifRevision) return
  const found = before === undefined ? 'does not exist' : `has revision ${before.revision}`
  throw collection.error(
    'PRECONDITION_FAILED',
    `document "${id}" ${found}, not revision ${ifRevision}; read it again and decide anew`,
    { id, ifRevision, ...(before === undefined ? {} : { revision: before.revision }) },
  )
}
