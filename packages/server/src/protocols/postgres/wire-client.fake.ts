/** A PostgreSQL client that shows every message, for tests. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { assert } from '@orbit-ts/base'

/** A message of the server: its type and its body. */
export interface Message {
  readonly type: string
  readonly body: Buffer
}

export function frame(type: string, ...parts: readonly (Buffer | string | number)[]): Buffer {
  const body = bodyOf(parts)
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** Strings end with a zero byte; numbers are of four bytes; buffers are as they are. */
function bodyOf(parts: readonly (Buffer | string | number)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`)
      return typeof part === 'number' ? int32(part) : part
    }),
  )
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function startup(...parts: readonly (Buffer | string | number)[]): Buffer {
  const body = bodyOf(parts)
  return Buffer.concat([int32(body.length + 4), body])
}

const VERSION_3 = 196_608

export const query = (text: string): Buffer => frame('Q', text)
export const sync = frame('S')
export const flush = frame('H')
export const parse = (name: string, text: string, ...oids: readonly number[]): Buffer =>
  frame('P', name, text, int16(oids.length), ...oids)
export const describeFrame = (target: 'S' | 'P', name: string): Buffer =>
  frame('D', Buffer.from(target), name)
export const closeFrame = (target: 'S' | 'P', name: string): Buffer => frame('C', Buffer.from(target), name)
export const execute = (portal: string, rowsMax = 0): Buffer => frame('E', portal, rowsMax)

export interface BindOptions {
  readonly portal?: string
  readonly statement?: string
  /** Of the parameters; 0 text, 1 binary. */
  readonly format?: 0 | 1
  readonly resultFormat?: 0 | 1
}

export function bind(values: readonly (Buffer | string | null)[], options: BindOptions = {}): Buffer {
  const { portal = '', statement = '', format = 0, resultFormat = 0 } = options
  const cells = values.map((value) => {
    if (value === null) return int32(-1)
    const bytes = Buffer.from(value)
    return Buffer.concat([int32(bytes.length), bytes])
  })
  const head = [portal, statement, int16(1), int16(format), int16(values.length)]
  return frame('B', ...head, ...cells, int16(1), int16(resultFormat))
}

/** The columns of a DataRow. */
export function cellsOf({ body }: Message): (Buffer | null)[] {
  let at = 2
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const size = body.readInt32BE(at)
    at += 4
    if (size < 0) return null
    at += size
    return body.subarray(at - size, at)
  })
}

/** The fields of an ErrorResponse or a NoticeResponse, by their codes. */
export function fieldsOf({ body }: Message): Readonly<Record<string, string>> {
  const fields = body
    .toString()
    .split('\0')
    .filter((field) => field !== '')
  return Object.fromEntries(fields.map((field) => [field.slice(0, 1), field.slice(1)]))
}

/** A message in one word or line: `D(1,a)`, `C(SELECT 1)`, `E(22012)`, `Z(I)`. */
export function shown(message: Message): string {
  const { type, body } = message
  switch (type) {
    case 'D':
      return `D(${cellsOf(message)
        .map((cell) => cell?.toString() ?? '∅')
        .join()})`
    case 'C':
      return `C(${body.toString('utf8', 0, body.length - 1)})`
    case 'E':
    case 'N':
      return `${type}(${fieldsOf(message)['C']})`
    case 'Z':
    case 'd':
      return `${type}(${body.toString()})`
    default:
      return type
  }
}

export class WireClient {
  readonly socket: Socket
  #buffer = Buffer.alloc(0)
  #messages: Message[] = []
  #wake: () => void = () => undefined
  #hasEnded = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    // A connection that the server cuts is what some tests are about.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#hasEnded = true
      this.#wake()
    })
  }

  /** A connection without a start-up. */
  static async connect(port: number): Promise<WireClient> {
    const socket = connect({ host: '127.0.0.1', port })
    await once(socket, 'connect')
    return new WireClient(socket)
  }

  /** Started, and ready for queries. */
  static async open(port: number, parameters: Readonly<Record<string, string>> = {}): Promise<WireClient> {
    const client = await WireClient.connect(port)
    client.start(parameters)
    await client.until('Z')
    return client
  }

  start(parameters: Readonly<Record<string, string>> = {}): void {
    const pairs = Object.entries({ user: 'orbit', database: 'orbit', ...parameters }).flat()
    this.send(startup(VERSION_3, ...pairs, Buffer.from([0])))
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** The next message; undefined when the server has ended the connection. */
  async next(): Promise<Message | undefined> {
    while (this.#messages.length === 0 && !this.#hasEnded)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#messages.shift()
  }

  /** All messages up to the first of a type, with it. */
  async until(type: string): Promise<Message[]> {
    const all: Message[] = []
    for (;;) {
      const message = await this.next()
      assert(message !== undefined, `the server ended the connection after ${all.map(shown).join(' ')}`)
      all.push(message)
      if (message.type === type) return all
    }
  }

  /** Messages up to ReadyForQuery, in short. */
  async answers(...frames: readonly Buffer[]): Promise<string[]> {
    if (frames.length > 0) this.send(...frames)
    return (await this.until('Z')).map(shown)
  }

  /** The rows that a simple query gives. */
  async rows(text: string): Promise<string[]> {
    const answers = await this.answers(query(text))
    return answers.filter((answer) => answer.startsWith('D')).map((answer) => answer.slice(2, -1))
  }

  /** What comes until the server ends the connection, in short. */
  async rest(): Promise<string[]> {
    const all: string[] = []
    for (let message = await this.next(); message !== undefined; message = await this.next())
      all.push(shown(message))
    return all
  }

  async close(): Promise<void> {
    if (this.#hasEnded) return
    this.socket.destroy()
    await once(this.socket, 'close')
  }

  #take(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    for (;;) {
      if (this.#buffer.length < 5) break
      const size = this.#buffer.readInt32BE(1)
      if (this.#buffer.length < size + 1) break
      const type = this.#buffer.toString('latin1', 0, 1)
      this.#messages.push({ type, body: this.#buffer.subarray(5, size + 1) })
      this.#buffer = this.#buffer.subarray(size + 1)
    }
    this.#wake()
  }
}
