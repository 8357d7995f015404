import { ERROR_CODES, OrbitError, type ErrorCode } from '@orbit-ts/base'
import type { CatalogObject, ObjectKind, ObjectSchema } from '@orbit-ts/engine'
import { plainJson } from '../records/plain-json.js'
import { usageError } from '../terminal/report-error.js'

/** One step of a transaction on a server. */
export interface RemoteOperation {
  readonly kind: ObjectKind
  readonly object: string
  readonly op: string
  readonly args: object
}

/** The HTTP API of a server, as far as an import needs it. Errors of the server are thrown with their codes. */
export class OrbitClient {
  readonly #base: string
  readonly #token: string | undefined

  /** @throws INVALID_ARGUMENT */
  constructor(url: string, token: string | undefined) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw usageError('--url', `${JSON.stringify(url)} is not an address such as http://127.0.0.1:8080`)
    }
    this.#base = url.replace(/\/+$/, '')
    this.#token = token
  }

  async describe(kind: ObjectKind, name: string): Promise<CatalogObject> {
    const { object } = (await this.#send('GET', objectPath(kind, name))) as { readonly object: CatalogObject }
    return object
  }

  /** Creates the object, or brings it to the declaration. */
  async apply({ kind, name, input }: ObjectSchema): Promise<void> {
    await this.#send('PUT', objectPath(kind, name), { input })
  }

  /** All or nothing. @throws COMMIT_UNDETERMINED when the answer did not arrive */
  async transaction(operations: readonly RemoteOperation[]): Promise<unknown[]> {
    const { results } = (await this.#send('POST', '/v1/transactions', { operations })) as {
      readonly results: unknown[]
    }
    return results
  }

  async #send(method: 'GET' | 'PUT' | 'POST', path: string, body?: object): Promise<unknown> {
    const response = await this.#fetch(method, path, body)
    const text = await response.text().catch((error: unknown) => {
      throw lost(method, this.#base, error)
    })
    const answer = tryJson(text)
    if (response.ok && answer !== undefined) return answer
    throw errorOf(answer, response.status, this.#base)
  }

  async #fetch(method: string, path: string, body: object | undefined): Promise<Response> {
    try {
      return await fetch(`${this.#base}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        ...(body === undefined ? {} : { body: plainJson(body) }),
      })
    } catch (error) {
      throw lost(method, this.#base, error)
    }
  }
}

/** A name that begins with a quote stands as JSON. */
function objectPath(kind: ObjectKind, name: string): string {
  return `/v1/objects/${kind}/${encodeURIComponent(name.startsWith('"') ? JSON.stringify(name) : name)}`
}

/** A request that was not answered: one that cannot have reached anybody is safe to repeat. */
function lost(method: string, base: string, error: unknown): OrbitError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : code
  const isUnreached = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(code)
  return isUnreached || method !== 'POST'
    ? new OrbitError(
        'STORAGE_UNAVAILABLE',
        `the server ${base} cannot be reached: ${reason}`,
        { url: base },
        { cause: error },
      )
    : new OrbitError(
        'COMMIT_UNDETERMINED',
        `the server ${base} has not answered: ${reason}`,
        { url: base },
        { cause: error },
      )
}

interface ErrorAnswer {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details?: Readonly<Record<string, unknown>>
  }
}

function errorOf(answer: unknown, status: number, base: string): OrbitError {
  if (isErrorAnswer(answer) && Object.hasOwn(ERROR_CODES, answer.error.code)) {
    return new OrbitError(answer.error.code as ErrorCode, answer.error.message, answer.error.details ?? {})
  }
  return new OrbitError(
    'STORAGE_UNAVAILABLE',
    `${base} answers with status ${status} and is no Orbit server`,
    { url: base, status },
  )
}

function isErrorAnswer(answer: unknown): answer is ErrorAnswer {
  const error: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'error') : undefined
  if (typeof error !== 'object' || error === null) return false
  return (
    'code' in error &&
    typeof error.code === 'string' &&
    'message' in error &&
    typeof error.message === 'string'
  )
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
