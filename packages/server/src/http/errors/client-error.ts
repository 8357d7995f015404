import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** By the code that Node gives an error of the bytes on a connection. Everything else is 400. */
const ANSWERS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the headers are larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request was not complete within server.request_timeout'],
}

/**
 * Answers what is no HTTP request, before there is one that a handler could see, and closes the connection.
 * @param isAnswered it is the rest of a request that has its answer: a second one would be taken for another request's
 */
export function answerClientError(
  error: Error & { readonly code?: string },
  socket: Socket,
  isAnswered: boolean,
): void {
  // More of the same after the first answer.
  if (socket.writableEnded) return
  if (isAnswered) {
    socket.destroySoon()
    return
  }
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, message] = ANSWERS[error.code ?? ''] ?? [400, 'this is not a valid HTTP request']
  const body = JSON.stringify({
    error: { code: 'INVALID_ARGUMENT', message, retry: 'never', details: {}, requestId: '' },
  })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  // Not waiting for the other side to close: it may never do so.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
