/** What clients send (PostgreSQL's documentation, "Message Formats"). */
import { queryError } from '@orbit-ts/engine/sql'
import { BodyReader } from './body-reader.js'
import type { RawMessage } from './message-reader.js'
import { violation } from './violation.js'

export type StartupMessage =
  | { readonly kind: 'ssl' | 'gss' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: Buffer }
  | {
      readonly kind: 'startup'
      readonly minorVersion: number
      readonly parameters: ReadonlyMap<string, string>
    }

export type FrontendMessage =
  | { readonly kind: 'query'; readonly text: string }
  | {
      readonly kind: 'parse'
      readonly name: string
      readonly text: string
      readonly parameterOids: readonly number[]
    }
  | {
      readonly kind: 'bind'
      readonly portal: string
      readonly statement: string
      readonly formats: readonly number[]
      readonly values: readonly (Buffer | undefined)[]
      readonly resultFormats: readonly number[]
    }
  | { readonly kind: 'describe' | 'close'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'execute'; readonly portal: string; readonly rowsMax: number }
  | { readonly kind: 'copy-data'; readonly data: Buffer }
  | { readonly kind: 'copy-fail'; readonly reason: string }
  | { readonly kind: 'password'; readonly data: Buffer }
  | { readonly kind: 'sync' | 'flush' | 'terminate' | 'copy-done' | 'function-call' }

const VERSION_3 = 3
const CANCEL_CODE = 80_877_102
const SSL_CODE = 80_877_103
const GSS_CODE = 80_877_104
const PARAMETERS_MAX = 100

/** @throws protocol_violation, feature_not_supported for another version of the protocol */
export function readStartup({ body }: RawMessage): StartupMessage {
  const reader = new BodyReader(body)
  const code = reader.int32()
  if (code === SSL_CODE) return { kind: 'ssl' }
  if (code === GSS_CODE) return { kind: 'gss' }
  if (code === CANCEL_CODE) return { kind: 'cancel', processId: reader.int32(), secret: reader.rest() }
  if (code >>> 16 !== VERSION_3)
    throw queryError(
      'feature_not_supported',
      `unsupported frontend protocol ${code >>> 16}.${code & 0xffff}: server supports 3.0 to 3.0`,
    )
  const parameters = new Map<string, string>()
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    if (parameters.size >= PARAMETERS_MAX) throw violation('too many startup parameters')
    parameters.set(name, reader.text())
  }
  reader.finish()
  return { kind: 'startup', minorVersion: code & 0xffff, parameters }
}

/** @throws protocol_violation */
export function readMessage({ type, body }: RawMessage): FrontendMessage {
  const reader = new BodyReader(body)
  const message = readBody(String.fromCharCode(type), reader)
  reader.finish()
  return message
}

function readBody(type: string, reader: BodyReader): FrontendMessage {
  switch (type) {
    case 'Q':
      return { kind: 'query', text: reader.text() }
    case 'P':
      return {
        kind: 'parse',
        name: reader.text(),
        text: reader.text(),
        parameterOids: repeat(reader.count(4), () => reader.int32() >>> 0),
      }
    case 'B':
      return {
        kind: 'bind',
        portal: reader.text(),
        statement: reader.text(),
        formats: repeat(reader.count(2), () => reader.int16()),
        values: repeat(reader.count(4), () => reader.sized()),
        resultFormats: repeat(reader.count(2), () => reader.int16()),
      }
    case 'D':
    case 'C':
      return { kind: type === 'D' ? 'describe' : 'close', target: readTarget(reader), name: reader.text() }
    case 'E':
      return { kind: 'execute', portal: reader.text(), rowsMax: reader.int32() }
    case 'd':
      return { kind: 'copy-data', data: reader.rest() }
    case 'f':
      return { kind: 'copy-fail', reason: reader.text() }
    case 'p':
      return { kind: 'password', data: reader.rest() }
    case 'S':
      return { kind: 'sync' }
    case 'H':
      return { kind: 'flush' }
    case 'X':
      return { kind: 'terminate' }
    case 'c':
      return { kind: 'copy-done' }
    case 'F':
      reader.rest()
      return { kind: 'function-call' }
    default:
      throw violation(`invalid frontend message type ${type.charCodeAt(0)}`)
  }
}

function readTarget(reader: BodyReader): 'statement' | 'portal' {
  const target = String.fromCharCode(reader.byte())
  if (target === 'S') return 'statement'
  if (target === 'P') return 'portal'
  throw violation(`invalid DESCRIBE or CLOSE message subtype ${target.charCodeAt(0)}`)
}

function repeat<T>(count: number, read: () => T): T[] {
  const all: T[] = []
  for (let at = 0; at < count; at++) all.push(read())
  return all
}
