import type { Duplex } from 'node:stream'

/** Bytes that wait to be handled; more are not read from the socket. */
const WAITING_BYTES_MAX = 1024 * 1024

/**
 * What a client sends, as chunks to wait for, and what it is sent, with the client's pace.
 *
 * Invariants:
 * 1. No more than `WAITING_BYTES_MAX` and one chunk wait unread; the socket is paused meanwhile.
 * 2. `closed` is aborted once, when either side has gone; a `next` that waits then gets undefined.
 */
export class ClientStream {
  readonly #socket: Duplex
  readonly #closed = new AbortController()
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #wake: (() => void) | undefined
  #hasEnded = false

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on('data', this.#onData)
    socket.once('end', this.#onEnd)
    socket.once('error', this.#onClose)
    socket.once('close', this.#onClose)
  }

  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** The next bytes; undefined when there will be none. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.#waiting.shift()
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.length
        if (this.#waitingBytes < WAITING_BYTES_MAX) this.#socket.resume()
        return chunk
      }
      if (this.#hasEnded) return undefined
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** @returns what to wait for when the client does not keep up. It ends when the client has gone, too. */
  send(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#closed.signal.aborted || bytes.length === 0) return undefined
    if (this.#socket.write(bytes)) return undefined
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done)
        this.#closed.signal.removeEventListener('abort', done)
        resolve()
      }
      this.#socket.once('drain', done)
      this.#closed.signal.addEventListener('abort', done, { once: true })
    })
  }

  /** Hands the socket over to another protocol. Gives back what was read ahead. */
  detach(): Buffer {
    this.#socket.off('data', this.#onData)
    this.#socket.off('end', this.#onEnd)
    this.#socket.off('error', this.#onClose)
    this.#socket.off('close', this.#onClose)
    this.#socket.pause()
    return Buffer.concat(this.#waiting)
  }

  /** Sends what is left and closes. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
    this.#onClose()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes >= WAITING_BYTES_MAX) this.#socket.pause()
    this.#wakeUp()
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true
    // A client that ends its side has gone: none of PostgreSQL's goes on reading.
    this.#onClose()
  }

  readonly #onClose = (): void => {
    this.#hasEnded = true
    this.#wakeUp()
    if (!this.#closed.signal.aborted) this.#closed.abort()
  }

  #wakeUp(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
