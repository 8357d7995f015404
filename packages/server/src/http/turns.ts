/**
 * The requests of each connection, worked on one after the other. A client may send many without waiting for answers.
 * Worked on at the same time, they would take effect in any order, and one connection could use all memory.
 *
 * Invariants:
 * 1. A request is begun when the answers to all requests before it on its connection were sent, and never when no
 *    answer can be sent any more by then.
 * 2. While `WAITING_MAX` requests of a connection wait, nothing is read from it. What was read already may be more of
 *    them, as many as fit into one read (64 KiB).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const WAITING_MAX = 100

/** Something that waits for its turn; what is no request has no `exchange`. */
interface Turn {
  readonly exchange?: Exchange
  readonly begin: () => void
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

interface Line {
  /** The request that was begun last. */
  last?: Exchange
  /** Its answer is not sent yet. */
  isBusy: boolean
  readonly waiting: Turn[]
}

export class Turns {
  readonly #lines = new WeakMap<Socket, Line>()

  /** Calls `begin` when it is the turn of the request. The next one's comes when the response has closed. */
  take(request: IncomingMessage, response: ServerResponse, begin: () => void): void {
    const { socket } = request
    const line = this.#lineOf(socket)
    const turn = { exchange: { request, response }, begin }
    if (!line.isBusy) {
      this.#begin(socket, line, turn)
      return
    }
    line.waiting.push(turn)
    if (line.waiting.length >= WAITING_MAX) socket.pause()
  }

  /**
   * Calls back after the answers to all requests that came whole; the one that did not is not begun any more. No
   * further request can come over the connection.
   * @param callback told whether that one was begun and has an answer, or the beginning of one
   */
  takeLast(socket: Socket, callback: (isAnswered: boolean) => void): void {
    const line = this.#lineOf(socket)
    if (line.waiting.at(-1)?.exchange?.request.complete === false) line.waiting.pop()
    const { last, isBusy, waiting } = line
    if (last?.request.complete === false) callback(last.response.headersSent)
    else if (isBusy) waiting.push({ begin: () => callback(false) })
    else callback(false)
  }

  #lineOf(socket: Socket): Line {
    const known = this.#lines.get(socket)
    if (known !== undefined) return known
    const line: Line = { isBusy: false, waiting: [] }
    this.#lines.set(socket, line)
    // Node goes on reading for reasons of its own.
    socket.on('resume', () => {
      if (line.waiting.length >= WAITING_MAX) socket.pause()
    })
    return line
  }

  #begin(socket: Socket, line: Line, { exchange, begin }: Turn): void {
    if (exchange !== undefined) {
      line.last = exchange
      line.isBusy = true
      exchange.response.once('close', () => this.#next(socket, line))
    }
    begin()
  }

  #next(socket: Socket, line: Line): void {
    line.isBusy = false
    if (!socket.writable) {
      line.waiting.length = 0
      return
    }
    const isFull = line.waiting.length >= WAITING_MAX
    const turn = line.waiting.shift()
    if (turn !== undefined) this.#begin(socket, line, turn)
    if (isFull && line.waiting.length < WAITING_MAX) socket.resume()
  }
}
