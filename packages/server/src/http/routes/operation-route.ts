import { OrbitError } from '@orbit-ts/base'
import { KIND_NAMES } from '@orbit-ts/engine'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type TObject, type TSchema } from 'typebox'
import type { HttpContext } from '../http-context.js'
import type { Operation } from '../operations/operation.js'
import { encodeJson } from '../json/encode-json.js'
import { inTransaction, sendText } from './in-transaction.js'
import { fromPathText } from './path-text.js'
import { fromQuery } from './query-text.js'
import { entityTag, revisionOf } from './revision-headers.js'
import { JSON_TYPE, type Method, type Route } from './route.js'

type Args = Record<string, unknown>

/** What a request with a body of some content type does. */
export interface BodyVariant {
  readonly operation: Operation
  /** The argument that the whole body is. Without it the body is an object of arguments. */
  readonly argument?: string
}

/** A route that runs one operation, in a transaction of its own. */
export interface OperationRouteSpec {
  readonly method: Method
  readonly path: string
  /** Default: kind and name of the operation. */
  readonly id?: string
  readonly operation: Operation
  /**
   * Where the arguments come from that are not in the path: the query string (default for GET and DELETE), the members
   * of the body (default otherwise), or one argument that is the whole body.
   */
  readonly from?: 'query' | 'body' | { readonly argument: string }
  /** By further content types. */
  readonly variants?: Readonly<Record<string, BodyVariant>>
  /** Default 200. */
  readonly status?: number
  /** `if-match` names the revision that must be in effect, and answers carry an `etag`. */
  readonly revisions?: boolean
  /** Brings the arguments into shape where path and body say the same thing. */
  readonly prepare?: (args: Args, object: string, context: HttpContext) => Args | Promise<Args>
}

/** The parameters of a path. */
export function paramsOf(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
}

export function operationRoute(context: HttpContext, tag: string, spec: OperationRouteSpec): Route {
  const { operation, method, path } = spec
  const from = spec.from ?? (method === 'GET' || method === 'DELETE' ? 'query' : 'body')
  const inPath = paramsOf(path)
  const rest = withoutArguments(operation.args, spec.revisions === true ? [...inPath, 'ifRevision'] : inPath)
  const variants: Readonly<Record<string, BodyVariant>> =
    from === 'query' ? {} : { [JSON_TYPE]: variantOf(operation, from), ...spec.variants }
  return {
    method,
    path,
    id: spec.id ?? `${operation.kind}_${operation.name}`,
    tag,
    summary: operation.summary,
    params: paramDescriptions(operation, inPath),
    ...(from === 'query' && Object.keys(rest.properties).length > 0 ? { query: rest } : {}),
    ...(spec.revisions === true ? { headers: { 'if-match': 'The ETag that the document must have.' } } : {}),
    ...(from === 'query' ? {} : { bodies: bodySchemas(variants, inPath) }),
    status: spec.status ?? 200,
    response: successSchema(operation.result),
    handle: async (request, reply) => {
      const variant = from === 'query' ? { operation } : chooseVariant(variants, request)
      const given = from === 'query' ? queryArguments(rest, request) : bodyArguments(variant, request)
      const twice = inPath.find((name) => Object.hasOwn(given, name))
      if (twice !== undefined) throw invalid(twice, 'stands in the path already')
      const args = { ...given, ...pathArguments(request, inPath), ...revisionArgument(spec, request) }
      return runOperation(context, spec, variant.operation, args, request, reply)
    },
  }
}

function variantOf(operation: Operation, from: 'body' | { readonly argument: string }): BodyVariant {
  return from === 'body' ? { operation } : { operation, argument: from.argument }
}

async function runOperation(
  context: HttpContext,
  spec: OperationRouteSpec,
  operation: Operation,
  args: Args,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const object = objectOf(request)
  const prepared = (await spec.prepare?.(args, object, context)) ?? args
  const { settings } = context
  const { found, text } = await inTransaction(context, request, reply, {}, async (tx) => {
    const found = await operation.run(tx, object, prepared, settings)
    return { found, text: encodeJson(found, settings.responseSizeMaxMb) }
  })
  if (found === null) throw notFound(operation, object, request)
  if (spec.revisions === true) setEntityTag(found, reply)
  return sendText(reply, text)
}

/** The name of the object in the path. */
export function objectOf(request: FastifyRequest): string {
  const { object = '' } = request.params as { readonly object?: string }
  const name = fromPathText(object, 'object', false)
  return typeof name === 'string' ? name : object
}

function pathArguments(request: FastifyRequest, names: readonly string[]): Args {
  const params = request.params as Readonly<Record<string, string>>
  const entries = names
    .filter((name) => name !== 'object')
    .map((name) => [name, fromPathText(params[name] ?? '', name, name === 'key')] as const)
  return Object.fromEntries(entries)
}

function queryArguments(schema: TObject, request: FastifyRequest): Args {
  if (request.body !== undefined)
    throw invalid('body', 'is not read here; arguments stand in the query string')
  return fromQuery(schema, request.query as Args)
}

function bodyArguments(variant: BodyVariant, { body, query }: FastifyRequest): Args {
  const [parameter] = Object.keys(query as Args)
  if (parameter !== undefined)
    throw invalid(parameter, 'is no parameter of this path; arguments stand in the body')
  if (variant.argument !== undefined) return { [variant.argument]: body }
  // An operation without arguments needs no body.
  if (body === undefined) return {}
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body }
  throw invalid('body', 'must be a JSON object')
}

/** @throws MEDIA_TYPE_UNSUPPORTED */
function chooseVariant(
  variants: Readonly<Record<string, BodyVariant>>,
  request: FastifyRequest,
): BodyVariant {
  const mediaType = request.mediaType ?? JSON_TYPE
  const variant = variants[mediaType]
  if (variant !== undefined) return variant
  throw new OrbitError(
    'MEDIA_TYPE_UNSUPPORTED',
    `content-type: "${mediaType}" is not one of ${Object.keys(variants).join(', ')}`,
    { field: 'content-type' },
  )
}

function invalid(field: string, reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `${field} ${reason}`, { field })
}

function revisionArgument(spec: OperationRouteSpec, request: FastifyRequest): Args {
  const ifMatch = request.headers['if-match']
  return spec.revisions === true && ifMatch !== undefined ? { ifRevision: revisionOf(ifMatch) } : {}
}

function setEntityTag(found: unknown, reply: FastifyReply): void {
  const revision: unknown =
    typeof found === 'object' && found !== null ? Reflect.get(found, 'revision') : undefined
  if (typeof revision === 'number') reply.header('etag', entityTag(revision))
}

function notFound(operation: Operation, object: string, request: FastifyRequest): OrbitError {
  const { object: _object, ...names } = request.params as Readonly<Record<string, string>>
  const record = Object.entries(names)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
  return new OrbitError(
    'RECORD_NOT_FOUND',
    `${KIND_NAMES[operation.kind]} "${object}" has nothing with ${record}`,
    {
      model: operation.kind,
      object,
      ...names,
    },
  )
}

function withoutArguments(schema: TObject, names: readonly string[]): TObject {
  const properties = Object.entries(schema.properties).filter(([name]) => !names.includes(name))
  return Type.Object(Object.fromEntries(properties), { additionalProperties: false })
}

function bodySchemas(
  variants: Readonly<Record<string, BodyVariant>>,
  inPath: readonly string[],
): Readonly<Record<string, TSchema>> {
  const entries = Object.entries(variants).map(([mediaType, { operation, argument }]) => {
    const whole = argument === undefined ? undefined : operation.args.properties[argument]
    return [mediaType, whole ?? withoutArguments(operation.args, inPath)] as const
  })
  return Object.fromEntries(entries)
}

/** Without the null that stands for a record that is not there: that is an error here. */
function successSchema(schema: TSchema): TSchema {
  const { anyOf } = schema as { readonly anyOf?: readonly (TSchema & { readonly type?: string })[] }
  const [first, second] = anyOf ?? []
  return first !== undefined && second?.type === 'null' ? first : schema
}

function paramDescriptions(operation: Operation, names: readonly string[]): Readonly<Record<string, string>> {
  const entries = names.map((name) => {
    if (name === 'object') return [name, `The name of the ${KIND_NAMES[operation.kind]}.`] as const
    const property = operation.args.properties[name]
    const about: unknown = property === undefined ? undefined : Reflect.get(property, 'description')
    const json = name === 'key' ? '" is a JSON string, with { a JSON object' : '" is a JSON string'
    return [name, `${typeof about === 'string' ? `${about} ` : ''}What begins with ${json}.`] as const
  })
  return Object.fromEntries(entries)
}
