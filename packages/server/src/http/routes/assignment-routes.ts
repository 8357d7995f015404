import { OrbitError } from '@orbit-ts/base'
import type { StorageManager, StoredObject } from '@orbit-ts/storage'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { HttpContext } from '../http-context.js'
import { ArgumentChecker } from '../operations/argument-checker.js'
import { args, result } from '../operations/argument-types.js'
import { fromPathText } from './path-text.js'
import { JSON_TYPE, type Route } from './route.js'

type Actor = Extract<StoredObject, { kind: 'actor' }>

const ASSIGNMENT = '/v1/assignments/{type}/{key}'
const MIGRATIONS = '/v1/migrations'

const type = Type.String({ description: 'The type of the actor.' })
const key = Type.String({ description: 'The key of the actor.' })
const provider = Type.String({ description: 'The name of a provider.' })
const assignment = args({ provider })
const params = {
  type: 'The type of the actor. What begins with " is a JSON string.',
  key: 'The key of the actor. What begins with " is a JSON string.',
}

/** Which provider has the state of which actor. There are none without a storage manager. */
export function assignmentRoutes({ storageManager, requests }: HttpContext): Route[] {
  if (storageManager === undefined) return []
  const manager = storageManager
  const tag = 'assignments'
  const checkAssignment = new ArgumentChecker(assignment)
  const counted = (
    handle: (request: FastifyRequest, signal: AbortSignal) => Promise<unknown>,
  ): Route['handle'] => {
    return (request, reply) => requests.run(reply.raw, (signal) => handle(request, signal))
  }
  return [
    {
      method: 'GET',
      path: ASSIGNMENT,
      id: 'assignments_get',
      tag,
      summary: 'Says which provider has the state of an actor.',
      params,
      status: 200,
      response: result({ provider }),
      handle: counted((request) => readAssignment(manager, actorOf(request))),
    },
    {
      method: 'PUT',
      path: ASSIGNMENT,
      id: 'assignments_set',
      tag,
      summary:
        'Gives an actor its provider. One that has another is moved there while it is in use; what is broken off goes on when it is asked for again.',
      params,
      bodies: { [JSON_TYPE]: assignment },
      status: 200,
      response: result({
        provider,
        entriesCopied: Type.Integer({ description: 'Entries that were moved.' }),
        bytesCopied: Type.Integer({ description: 'Their keys and values.' }),
      }),
      handle: counted(async (request, signal) => {
        const wanted = checkAssignment.check(request.body)
        return setAssignment(manager, actorOf(request), wanted.provider, signal)
      }),
    },
    {
      method: 'GET',
      path: MIGRATIONS,
      id: 'migrations_list',
      tag,
      summary: 'Lists the moves of actors that are not finished.',
      status: 200,
      response: result({
        migrations: Type.Array(
          Type.Object({ type: Type.Optional(type), key: Type.Optional(key), from: provider, to: provider }),
        ),
      }),
      handle: counted(async () => ({ migrations: await listMigrations(manager) })),
    },
  ]
}

async function readAssignment(manager: StorageManager, actor: Actor): Promise<{ provider: string }> {
  const found = await manager.assignmentOf(actor)
  if (found !== undefined) return { provider: found }
  throw new OrbitError(
    'OBJECT_NOT_FOUND',
    `actor ${actor.type}/${actor.key} has no provider yet; it gets one with its first use, or with PUT`,
    { type: actor.type, key: actor.key },
  )
}

async function setAssignment(
  manager: StorageManager,
  actor: Actor,
  to: string,
  signal: AbortSignal,
): Promise<{ provider: string; entriesCopied: number; bytesCopied: number }> {
  if ((await manager.assignmentOf(actor)) === undefined) {
    await manager.assign(actor, to)
    return { provider: to, entriesCopied: 0, bytesCopied: 0 }
  }
  const { entriesCopied, bytesCopied } = await manager.migrate(actor, to, { signal })
  return { provider: to, entriesCopied, bytesCopied }
}

async function listMigrations(
  manager: StorageManager,
): Promise<{ type?: string; key?: string; from: string; to: string }[]> {
  const records = await manager.migrations()
  return records.map(({ object, from, to }) =>
    object.kind === 'actor' ? { type: object.type, key: object.key, from, to } : { from, to },
  )
}

function actorOf(request: FastifyRequest): Actor {
  const given = request.params as { readonly type: string; readonly key: string }
  return { kind: 'actor', type: textOf(given.type, 'type'), key: textOf(given.key, 'key') }
}

function textOf(segment: string, name: string): string {
  const text = fromPathText(segment, name, false)
  if (typeof text === 'string') return text
  throw new OrbitError('INVALID_ARGUMENT', `${name}: a JSON string is expected`, { field: name })
}
