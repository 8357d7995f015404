import { OrbitError } from '@orbit-ts/base'
import type { HttpContext } from '../http-context.js'
import { collectionOperations as collection } from '../operations/collection-operations.js'
import { operationRoute, type OperationRouteSpec } from './operation-route.js'
import type { Route } from './route.js'

const DOCUMENTS = '/v1/collections/{object}/documents'
const DOCUMENT = `${DOCUMENTS}/{id}`

const SPECS: readonly OperationRouteSpec[] = [
  {
    method: 'POST',
    path: DOCUMENTS,
    operation: collection.insert,
    from: { argument: 'documents' },
    status: 201,
  },
  { method: 'GET', path: DOCUMENTS, operation: collection.find },
  { method: 'PATCH', path: DOCUMENTS, operation: collection.updateWhere },
  { method: 'DELETE', path: DOCUMENTS, operation: collection.deleteWhere },
  { method: 'GET', path: DOCUMENT, operation: collection.get, revisions: true },
  {
    method: 'PUT',
    path: DOCUMENT,
    operation: collection.upsert,
    from: { argument: 'document' },
    revisions: true,
    prepare: documentUnderId,
  },
  {
    method: 'PATCH',
    path: DOCUMENT,
    id: 'collection_patch',
    operation: collection.merge,
    from: { argument: 'patch' },
    variants: {
      'application/merge-patch+json': { operation: collection.merge, argument: 'patch' },
      'application/json-patch+json': { operation: collection.patch, argument: 'operations' },
    },
    revisions: true,
  },
  { method: 'DELETE', path: DOCUMENT, operation: collection.delete, revisions: true },
  {
    method: 'POST',
    path: '/v1/collections/{object}/query',
    id: 'collection_query',
    operation: collection.find,
  },
  { method: 'POST', path: '/v1/collections/{object}/explain', operation: collection.explain },
  { method: 'GET', path: '/v1/collections/{object}/count', operation: collection.count },
]

export function collectionRoutes(context: HttpContext): Route[] {
  return SPECS.map((spec) => operationRoute(context, 'collections', spec))
}

/** The document to put, with the id of its path. */
function documentUnderId({ id, document, ...rest }: Record<string, unknown>): Record<string, unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new OrbitError('INVALID_ARGUMENT', 'body must be a document: a JSON object', { field: 'body' })
  }
  const given: unknown = Reflect.get(document, 'id')
  if (given !== undefined && given !== id) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `id is ${JSON.stringify(given)} in the body and "${String(id)}" in the path`,
      {
        field: 'id',
      },
    )
  }
  return { document: { ...document, id }, ...rest }
}
