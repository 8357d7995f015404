/** A server on a free loopback port over the memory provider, whose every answer is compared with its description. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { configFromCode, createLogger, type Env } from '@orbit-ts/base'
import { Compile } from 'typebox/schema'
import { configSchema, type OrbitConfigInput } from '../config/orbit-config.js'
import { startServer, type OrbitServer } from '../orbit-server.js'

/** Whatever JSON holds: a test says what it expects. */
export type AnyJson = ReturnType<typeof JSON.parse>

type Json = Record<string, AnyJson>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: AnyJson
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Of the body; default `application/json`. */
  readonly type?: string
  readonly signal?: AbortSignal
}

export interface TestServer {
  readonly url: string
  readonly server: OrbitServer
  /** Lines of the log. */
  readonly log: Json[]
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>
  get(path: string, options?: CallOptions): Promise<Answer>
  post(path: string, body?: unknown, options?: CallOptions): Promise<Answer>
}

const TOKEN = 'a-token-for-tests'

/** Starts a server that is closed when the test has ended. */
export async function testServer(
  t: TestContext,
  config: OrbitConfigInput = {},
  env?: Env,
): Promise<TestServer> {
  const log: Json[] = []
  const logger = createLogger({
    level: 'debug',
    destination: { write: (line) => log.push(JSON.parse(line) as Json) },
  })
  const parsed = configFromCode(configSchema, {
    postgres: { enabled: false },
    ...config,
    server: { persistenceBackend: 'memory', httpPort: 0, ...config.server },
  })
  const server = await startServer(parsed, { logger, ...(env === undefined ? {} : { env }) })
  t.after(() => server.close())
  const [url = ''] = server.urls
  const authorization = { authorization: `Bearer ${TOKEN}` }
  const described = await fetch(`${url}/openapi.json`, {
    headers: parsed.server.authTokens.length > 0 ? authorization : {},
  })
  const description = (await described.json()) as Json
  const call: TestServer['call'] = async (method, path, body, options = {}) => {
    const type = options.type ?? 'application/json'
    const response = await fetch(url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': type }), ...options.headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    const answer = {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    }
    checkAgainst(description, { method, path, body, type }, answer)
    return answer
  }
  return {
    url,
    server,
    log,
    call,
    get: (path, options) => call('GET', path, undefined, options),
    post: (path, body, options) => call('POST', path, body, options),
  }
}

/** The configuration of a server that wants `authorization`. */
export const withToken: OrbitConfigInput = { server: { authTokens: [TOKEN] } }
export const authorization = { authorization: `Bearer ${TOKEN}` }

/** Asserts the status and what the error says. */
export function refused(answer: Answer, status: number, code: string, message: RegExp | string): void {
  assert.equal(answer.body?.error?.code, code, JSON.stringify(answer.body))
  assert.equal(answer.status, status)
  if (typeof message === 'string') assert.equal(answer.body.error.message, message)
  else assert.match(answer.body.error.message, message)
}

interface Call {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly type: string
}

/** An answer is exactly what the description says, and an accepted request was too. */
function checkAgainst(description: Json, call: Call, answer: Answer): void {
  const operation = operationFor(description, call)
  if (operation === undefined) {
    assert.ok([400, 401, 404, 405].includes(answer.status), `${call.method} ${call.path} is not described`)
    conforms(description, { $ref: '#/components/schemas/Error' }, answer.body, 'an error')
    return
  }
  const response = operation['responses'][answer.status] ?? operation['responses']['default']
  const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
  assert.ok(type in response.content, `${call.path} answered ${type}`)
  conforms(
    description,
    response.content[type].schema,
    answer.body,
    `the answer of ${call.method} ${call.path}`,
  )
  if (answer.status >= 300) return
  const query = new URL(call.path, 'http://x').searchParams
  const parameters: Json[] = operation['parameters'] ?? []
  for (const name of query.keys()) {
    assert.ok(
      parameters.some((parameter) => parameter['in'] === 'query' && parameter['name'] === name),
      name,
    )
  }
  if (call.body === undefined) return
  const body = operation['requestBody']?.content[call.type]
  assert.ok(body !== undefined, `${call.path} describes no body of ${call.type}`)
  const value: unknown = typeof call.body === 'string' ? JSON.parse(call.body) : call.body
  conforms(description, body.schema, value, `the body of ${call.method} ${call.path}`)
}

function operationFor(description: Json, { method, path }: Call): Json | undefined {
  const given = (path.split('?')[0] ?? '').split('/')
  const fits = (pattern: string): boolean => {
    const steps = pattern.split('/')
    return (
      steps.length === given.length && steps.every((step, i) => step.startsWith('{') || step === given[i])
    )
  }
  const name = method === 'HEAD' ? 'get' : method.toLowerCase()
  const found = Object.keys(description['paths']).filter((pattern) => fits(pattern))
  // A segment that is spelled out goes before one that is a parameter.
  found.sort((a, b) => a.split('{').length - b.split('{').length)
  const items = found.map((pattern) => description['paths'][pattern] as Record<string, Json>)
  return items.map((item) => item[name]).find((operation) => operation !== undefined)
}

const compiled = new Map<string, ReturnType<typeof Compile>>()

function conforms(description: Json, schema: Json, value: unknown, what: string): void {
  const root = { ...(closed(schema) as Json), components: closed(description['components']) }
  const id = JSON.stringify(root)
  const validator = compiled.get(id) ?? Compile(root)
  compiled.set(id, validator)
  const [, errors] = validator.Errors(value)
  assert.deepEqual(errors, [], `${what} is not as described: ${JSON.stringify(value)}`)
}

/** The schema, with objects that have no other members than those it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  const isObject = copy['type'] === 'object' && copy['properties'] !== undefined
  return isObject && copy['additionalProperties'] === undefined
    ? { ...copy, additionalProperties: false }
    : copy
}
