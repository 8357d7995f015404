import { ERROR_CODES, type ErrorDetails, type OrbitError } from '@orbit-ts/base'
import { Type } from 'typebox'
import { toJson } from '../json/to-json.js'

/** What every answer that is no success has in its body. */
export const errorSchema = Type.Object(
  {
    error: Type.Object({
      code: Type.Enum(Object.keys(ERROR_CODES), {
        description: 'What went wrong; see the reference of error codes.',
      }),
      message: Type.String({ description: 'What is wrong and what to do, for people.' }),
      retry: Type.Enum(['never', 'safe', 'undetermined'], {
        description:
          'never: the same request fails again. safe: nothing was changed, and it may be sent again. undetermined: it may or may not have taken effect.',
      }),
      details: Type.Object(
        {},
        { additionalProperties: true, description: 'Facts about the error, by name.' },
      ),
      requestId: Type.String({ description: 'Names the request in the log of the server.' }),
    }),
  },
  { title: 'Error' },
)

export interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly retry: string
    readonly details: unknown
    readonly requestId: string
  }
}

/** What was sent may be megabytes: a message that repeats it, and each of the details, keeps about this many characters. */
const TEXT_LENGTH_MAX = 2000
/** Of them, how many are from the end, where a message says what to do. */
const END_LENGTH = 500

/** The body of an error. What only the log may tell (an internal error) is left out. */
export function errorBody(error: OrbitError, requestId: string): ErrorBody {
  const { code, retry } = error
  if (code === 'INTERNAL') {
    const message = `an internal error; the log of the server has it under the request id ${requestId}`
    return { error: { code, message, retry, details: {}, requestId } }
  }
  return {
    error: { code, message: shortened(error.reason), retry, details: shortDetails(error.details), requestId },
  }
}

function shortened(text: string): string {
  if (text.length <= TEXT_LENGTH_MAX) return text
  return `${text.slice(0, TEXT_LENGTH_MAX - END_LENGTH)} … ${text.slice(-END_LENGTH)}`
}

function shortDetails(details: ErrorDetails): unknown {
  const entries = Object.entries(details).map(([name, value]) => [name, shortDetail(value)] as const)
  return toJson(Object.fromEntries(entries))
}

function shortDetail(value: unknown): unknown {
  if (typeof value === 'string') return shortened(value)
  const text = JSON.stringify(toJson(value)) ?? ''
  return text.length <= TEXT_LENGTH_MAX ? value : shortened(text)
}

export function errorStatus(error: OrbitError): number {
  return ERROR_CODES[error.code].http
}

/** Headers that tell clients, without looking at the body, what to do. */
export function errorHeaders(error: OrbitError): Readonly<Record<string, string>> {
  return {
    ...(error.retry === 'safe' ? { 'retry-after': '1' } : {}),
    ...(error.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer' } : {}),
    ...(error.code === 'METHOD_NOT_ALLOWED' ? { allow: String(error.details['allow']) } : {}),
  }
}
