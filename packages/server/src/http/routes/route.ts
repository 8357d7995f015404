import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TObject, TSchema } from 'typebox'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A route: what it does, and all that the description of the API says of it. */
export interface Route {
  readonly method: Method
  /** As OpenAPI writes it: `/v1/tables/{object}/rows/{key}`. */
  readonly path: string
  /** Unique over all routes. */
  readonly id: string
  readonly tag: string
  /** One sentence. */
  readonly summary: string
  /** What the parameters in the path mean, by name. */
  readonly params?: Readonly<Record<string, string>>
  readonly query?: TObject
  /** Request headers with a meaning of their own, by name in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** The body by content type; none is read otherwise. */
  readonly bodies?: Readonly<Record<string, TSchema>>
  readonly status: number
  /** The body of a success. */
  readonly response: TSchema
  /** A status with another body than that of an error. */
  readonly failure?: { readonly status: number; readonly response: TSchema }
  /** Default `application/json`. */
  readonly responseType?: string
  /** No token is asked for. */
  readonly public?: boolean
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}

export const JSON_TYPE = 'application/json'
