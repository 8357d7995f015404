/** A bare connection, for what no HTTP client would send. */
import { connect, type Socket } from 'node:net'
import type { AnyJson } from './test-server.test.data.js'

/** Sends the text and returns all that comes back until the server closes the connection. */
export function exchange(url: string, ...texts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = open(url)
  for (const text of texts) socket.write(text)
  return untilClosed(socket)
}

export function open(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect({ host: hostname, port: Number(port) })
}

/** What arrives until the end; a reset after the answer is an end too. */
export function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')))
  })
}

/** The head of a request, with the empty line after it. */
export function head(line: string, ...headers: readonly string[]): string {
  return `${[line, 'host: 127.0.0.1', ...headers].join('\r\n')}\r\n\r\n`
}

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: AnyJson
}

/** One answer; its body as JSON. */
export function parseAnswer(text: string): RawAnswer {
  const [headers = '', body = ''] = text.split('\r\n\r\n')
  return {
    status: Number(headers.split(' ')[1]),
    head: headers,
    body: body === '' ? undefined : JSON.parse(body),
  }
}

/** Resolves once the condition holds: whatever it waits for happens in a later turn of the event loop. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}
