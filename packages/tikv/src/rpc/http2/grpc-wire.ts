import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import { GrpcStatus } from '../grpc-status.js'
import { RpcRefusal } from '../service.js'
import type { Metadata } from '../transport.js'
import type { MessageEncoding } from './message-reader.js'

/** What gRPC puts into HTTP/2 headers and codes. */

/** The header allows eight digits. */
const DIGITS_MAX = 99_999_999

/** For `grpc-timeout`: the finest unit that holds the value. */
export function formatTimeout(timeoutMs: number): string {
  const ms = Math.max(0, Math.ceil(timeoutMs))
  if (ms <= DIGITS_MAX) return `${ms}m`
  const seconds = Math.ceil(ms / 1000)
  if (seconds <= DIGITS_MAX) return `${seconds}S`
  return `${Math.min(DIGITS_MAX, Math.ceil(seconds / 3600))}H`
}

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
}

/** Undefined when the header is absent. Errors: `RpcRefusal` when it is not a timeout. */
export function parseTimeout(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const match = /^(\d{1,8})([HMSmun])$/.exec(header)
  const unit = UNIT_MS[match?.[2] ?? '']
  if (match === null || unit === undefined) {
    throw new RpcRefusal(GrpcStatus.INTERNAL, `"${header}" is not a grpc-timeout`)
  }
  return Number(match[1]) * unit
}

/** Bytes of printable ASCII except `%` stay, others become `%XX` of their UTF-8. */
export function encodeMessage(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) =>
    byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}

/** What is not validly encoded stays as it is. */
export function decodeMessage(text: string): string {
  const bytes = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return bytes === text ? text : Buffer.from(bytes, 'latin1').toString('utf8')
}

export interface FinalStatus {
  readonly status: number
  readonly message: string
}

/** The status in trailers, or in the headers of an answer without messages. */
export function statusIn(headers: IncomingHttpHeaders): FinalStatus | undefined {
  const status = headers['grpc-status']
  if (typeof status !== 'string') return undefined
  const message = headers['grpc-message']
  return {
    status: /^\d{1,5}$/.test(status) ? Number(status) : GrpcStatus.UNKNOWN,
    message: typeof message === 'string' ? decodeMessage(message) : '',
  }
}

/** What is wrong with the headers of an answer, for those that no gRPC server would send. */
export function refusedHeaders(headers: IncomingHttpHeaders): FinalStatus | undefined {
  const status = Number(headers[constants.HTTP2_HEADER_STATUS])
  const type = headers['content-type']
  if (status !== 200) {
    return { status: statusOfHttp(status), message: `the server answered with HTTP status ${status}` }
  }
  if (type?.startsWith('application/grpc') !== true) {
    return { status: GrpcStatus.UNKNOWN, message: `the server answered with content type ${type ?? 'none'}` }
  }
  return undefined
}

function statusOfHttp(status: number): GrpcStatus {
  if (status === 400) return GrpcStatus.INTERNAL
  if (status === 401) return GrpcStatus.UNAUTHENTICATED
  if (status === 403) return GrpcStatus.PERMISSION_DENIED
  if (status === 404) return GrpcStatus.UNIMPLEMENTED
  return [429, 502, 503, 504].includes(status) ? GrpcStatus.UNAVAILABLE : GrpcStatus.UNKNOWN
}

/** Of a stream that the peer reset, as gRPC's specification maps HTTP/2 codes. */
export function statusOfReset(code: number): GrpcStatus {
  switch (code) {
    case constants.NGHTTP2_REFUSED_STREAM:
      return GrpcStatus.UNAVAILABLE
    case constants.NGHTTP2_CANCEL:
      return GrpcStatus.CANCELLED
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return GrpcStatus.RESOURCE_EXHAUSTED
    case constants.NGHTTP2_INADEQUATE_SECURITY:
      return GrpcStatus.PERMISSION_DENIED
    default:
      return GrpcStatus.INTERNAL
  }
}

export function encodingOf(headers: IncomingHttpHeaders): MessageEncoding {
  const encoding = headers['grpc-encoding'] ?? 'identity'
  if (encoding === 'identity' || encoding === 'gzip') return encoding
  throw new RpcRefusal(
    GrpcStatus.UNIMPLEMENTED,
    `the peer compresses with ${String(encoding)}; known are identity and gzip`,
  )
}

export interface RequestHeaderOptions {
  readonly path: string
  readonly authority: string
  readonly scheme: 'http' | 'https'
  readonly metadata: Metadata | undefined
  readonly timeoutMs: number | undefined
  readonly encoding: MessageEncoding
}

export function requestHeaders(options: RequestHeaderOptions): OutgoingHttpHeaders {
  return {
    ':method': 'POST',
    ':path': options.path,
    ':scheme': options.scheme,
    ':authority': options.authority,
    te: 'trailers',
    'content-type': 'application/grpc',
    'user-agent': 'orbit-tikv',
    'grpc-accept-encoding': 'identity,gzip',
    ...(options.encoding === 'gzip' ? { 'grpc-encoding': 'gzip' } : {}),
    ...(options.timeoutMs === undefined ? {} : { 'grpc-timeout': formatTimeout(options.timeoutMs) }),
    ...options.metadata,
  }
}

/** The caller's own headers: neither HTTP/2's nor gRPC's. */
export function metadataOf(headers: IncomingHttpHeaders): Metadata {
  const metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || name.startsWith('grpc-') || OWN_HEADERS.has(name)) continue
    if (typeof value === 'string') metadata[name] = value
  }
  return metadata
}

const OWN_HEADERS: ReadonlySet<string> = new Set(['te', 'content-type', 'user-agent'])
