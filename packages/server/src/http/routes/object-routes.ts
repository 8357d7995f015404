import { OrbitError } from '@orbit-ts/base'
import { OBJECT_KINDS, type ObjectKind, type ObjectSchema } from '@orbit-ts/engine'
import type { FastifyRequest } from 'fastify'
import { Type, type Static, type TObject } from 'typebox'
import type { HttpContext } from '../http-context.js'
import { ArgumentChecker } from '../operations/argument-checker.js'
import { json, result } from '../operations/argument-types.js'
import { fromPathText } from './path-text.js'
import { fromQuery } from './query-text.js'
import { JSON_TYPE, type Route } from './route.js'

const OBJECTS = '/v1/objects'
const OBJECT = `${OBJECTS}/{kind}/{name}`

const kind = Type.Unsafe<ObjectKind>(
  Type.Enum([...OBJECT_KINDS], { description: 'What kind of object it is.' }),
)
const name = Type.String({ description: '1 to 128 characters without control characters.' })
const input = json('The declaration, as the documentation of each model gives it.')
const catalogObject = result({
  kind,
  name,
  id: Type.Integer({ description: 'Never used again.' }),
  version: Type.Integer({ description: 'Counts the changes of the definition, from 1.' }),
  definition: json('The declaration, completed.'),
})
const listQuery = Type.Object({ kind: Type.Optional(kind) }, { additionalProperties: false })
const creation = Type.Object({ kind, name, input }, { additionalProperties: false })
const declaration = Type.Object({ input }, { additionalProperties: false })
const params = {
  kind: `One of ${OBJECT_KINDS.join(', ')}.`,
  name: 'The name of the object. What begins with " is a JSON string.',
}

/** The catalog: what tables, collections, graphs, vector collections and time series there are. */
export function objectRoutes({ database, requests }: HttpContext): Route[] {
  const tag = 'objects'
  const checkQuery = new ArgumentChecker(listQuery)
  const readCreation = bodyOf(creation)
  const readDeclaration = bodyOf(declaration)
  const declared = (request: FastifyRequest): ObjectSchema => ({
    ...identityOf(request),
    ...readDeclaration(request),
  })
  /** Definitions change in transactions of the database's own, which no signal ends; a stopping server waits for them. */
  const counted = (handle: (request: FastifyRequest) => Promise<unknown>): Route['handle'] => {
    return (request, reply) => requests.run(reply.raw, () => handle(request))
  }
  return [
    {
      method: 'GET',
      path: OBJECTS,
      id: 'objects_list',
      tag,
      summary: 'Lists the objects in the catalog.',
      query: listQuery,
      status: 200,
      response: result({ objects: Type.Array(catalogObject) }),
      handle: counted(async (request) => {
        const query = checkQuery.check(fromQuery(listQuery, request.query as Record<string, unknown>))
        return { objects: await database.objects(query.kind) }
      }),
    },
    {
      method: 'POST',
      path: OBJECTS,
      id: 'objects_create',
      tag,
      summary: 'Creates an object.',
      bodies: { [JSON_TYPE]: creation },
      status: 201,
      response: result({ object: catalogObject }),
      handle: counted(async (request) => ({ object: await database.create(readCreation(request)) })),
    },
    {
      method: 'GET',
      path: OBJECT,
      id: 'objects_get',
      tag,
      summary: 'Reads the definition of an object.',
      params,
      status: 200,
      response: result({ object: catalogObject }),
      handle: counted(async (request) => {
        const of = identityOf(request)
        return { object: await database.describe(of.kind, of.name) }
      }),
    },
    {
      method: 'PUT',
      path: OBJECT,
      id: 'objects_apply',
      tag,
      summary: 'Creates the object, or brings it to this declaration.',
      params,
      bodies: { [JSON_TYPE]: declaration },
      status: 200,
      response: result({ outcome: Type.Enum(['created', 'changed', 'unchanged']), object: catalogObject }),
      handle: counted(async (request) => {
        const schema = declared(request)
        const changes = await database.apply([schema])
        const outcome =
          changes.created.length > 0 ? 'created' : changes.changed.length > 0 ? 'changed' : 'unchanged'
        return { outcome, object: await database.describe(schema.kind, schema.name) }
      }),
    },
    {
      method: 'PATCH',
      path: OBJECT,
      id: 'objects_change',
      tag,
      summary: 'Brings an object that is there to this declaration.',
      params,
      bodies: { [JSON_TYPE]: declaration },
      status: 200,
      response: result({ object: catalogObject }),
      handle: counted(async (request) => ({ object: await database.change(declared(request)) })),
    },
    {
      method: 'DELETE',
      path: OBJECT,
      id: 'objects_drop',
      tag,
      summary: 'Drops an object with all its data.',
      params,
      status: 200,
      response: result({ dropped: Type.Literal(true) }),
      handle: counted(async (request) => {
        const of = identityOf(request)
        await database.drop(of.kind, of.name)
        return { dropped: true }
      }),
    },
  ]
}

function bodyOf<Schema extends TObject>(schema: Schema): (request: FastifyRequest) => Static<Schema> {
  const checker = new ArgumentChecker(schema)
  return (request) => checker.check(request.body)
}

/** The kind is checked by the database, which names the nearest one. */
function identityOf(request: FastifyRequest): { kind: ObjectKind; name: string } {
  const given = request.params as { readonly kind: ObjectKind; readonly name: string }
  const text = fromPathText(given.name, 'name', false)
  if (typeof text === 'string') return { kind: given.kind, name: text }
  throw new OrbitError('INVALID_ARGUMENT', 'name: a JSON string is expected', { field: 'name' })
}
