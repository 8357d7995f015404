import { Type, type TSchema } from 'typebox'
import { errorSchema } from './errors/error-body.js'
import { paramsOf } from './routes/operation-route.js'
import { formOf } from './routes/query-text.js'
import { JSON_TYPE, type Route } from './routes/route.js'

type Json = Readonly<Record<string, unknown>>

const ERROR_REFERENCE: Json = { $ref: '#/components/schemas/Error' }

export interface OpenApiOptions {
  readonly version: string
  /** Requests carry a bearer token. */
  readonly tokens: boolean
}

/** The description of the API, OpenAPI 3.1: its schemas are JSON Schema, so ours stand in it as they are. */
export function openApiDocument(routes: readonly Route[], { version, tokens }: OpenApiOptions): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const item = (paths[route.path] ??= {})
    item[route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Orbit', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    ...(tokens ? { security: [{ token: [] }] } : {}),
    paths,
    components: {
      schemas: { Error: errorSchema },
      ...(tokens ? { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } : {}),
    },
  }
}

/** The route that gives the description of all routes, itself included. */
export function openApiRoute(others: readonly Route[], options: OpenApiOptions): Route {
  const route: Route = {
    method: 'GET',
    path: '/openapi.json',
    id: 'openapi_get',
    tag: 'openapi',
    summary: 'Gives this description.',
    status: 200,
    response: Type.Object({}, { additionalProperties: true }),
    handle: () => Promise.resolve(document),
  }
  const document = openApiDocument([...others, route], options)
  return route
}

function operationOf(route: Route): Json {
  const { id, tag, summary, bodies } = route
  const parameters = parametersOf(route)
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(route.public === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(bodies === undefined ? {} : { requestBody: { required: true, content: contentOf(bodies) } }),
    responses: responsesOf(route),
  }
}

function parametersOf({ path, params = {}, query, headers = {} }: Route): Json[] {
  const text: Json = { type: 'string' }
  return [
    ...paramsOf(path).map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: text,
      ...about(params[name]),
    })),
    ...Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      ...(query?.required?.includes(name) === true ? { required: true } : {}),
      ...queryParameter(schema),
    })),
    ...Object.entries(headers).map(([name, description]) => ({
      name,
      in: 'header',
      schema: text,
      description,
    })),
  ]
}

const about = (description: string | undefined): Json => (description === undefined ? {} : { description })

function queryParameter(schema: TSchema): Json {
  const description = about((schema as { readonly description?: string }).description)
  switch (formOf(schema)) {
    case 'json':
      return { content: { [JSON_TYPE]: { schema } }, ...description }
    case 'list':
      return { schema, style: 'form', explode: false, ...description }
    case 'text or json':
      return { schema: { type: 'string' }, ...description }
    default:
      return { schema, ...description }
  }
}

function responsesOf({ status, response, responseType = JSON_TYPE, failure }: Route): Json {
  return {
    [status]: { description: 'Success.', content: contentOf({ [responseType]: response }) },
    ...(failure === undefined
      ? {}
      : {
          [failure.status]: {
            description: 'Failure.',
            content: contentOf({ [JSON_TYPE]: failure.response }),
          },
        }),
    default: { description: 'An error.', content: contentOf({ [JSON_TYPE]: ERROR_REFERENCE }) },
  }
}

function contentOf(bodies: Readonly<Record<string, unknown>>): Json {
  return Object.fromEntries(Object.entries(bodies).map(([mediaType, schema]) => [mediaType, { schema }]))
}
