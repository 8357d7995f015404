import type { DatabaseTransaction } from '@orbit-ts/engine'
import type { TransactOptions } from '@orbit-ts/storage'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpContext } from '../http-context.js'

/**
 * Runs the work of a request in a transaction that ends with the request. The work also makes the text of the answer,
 * so that an answer which is too large undoes it.
 */
export function inTransaction<T>(
  { database, requests }: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  options: TransactOptions,
  work: (tx: DatabaseTransaction) => Promise<T>,
): Promise<T> {
  // The label lets an error about a deadlock name the requests in it.
  return requests.run(reply.raw, (signal) =>
    database.transaction(work, { ...options, signal, label: `request ${request.id}` }),
  )
}

/** Sends JSON that is text already. */
export function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}
