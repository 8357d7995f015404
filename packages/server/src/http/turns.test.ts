import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { Turns } from './turns.js'

/** Requests of one connection; each is known by its number in `begun`. */
class Connection {
  readonly socket = new Socket()
  readonly begun: (number | string)[] = []
  readonly responses: ServerResponse[] = []
  readonly #turns = new Turns()

  request(complete = true): void {
    const request = new IncomingMessage(this.socket)
    request.complete = complete
    const response = new ServerResponse(request)
    const number = this.responses.push(response) - 1
    this.#turns.take(request, response, () => this.begun.push(number))
  }

  requests(count: number): void {
    for (let i = 0; i < count; i++) this.request()
  }

  /** The answer to a request was sent. */
  answered(number: number): void {
    this.responses[number]?.emit('close')
  }

  breaksOff(): void {
    this.#turns.takeLast(this.socket, (isAnswered) => this.begun.push(isAnswered ? 'answered' : 'open'))
  }
}

describe('Turns', () => {
  it('begins a request when the answer to the one before was sent', () => {
    const connection = new Connection()
    connection.requests(3)
    assert.deepEqual(connection.begun, [0])
    connection.answered(0)
    assert.deepEqual(connection.begun, [0, 1])
    connection.answered(1)
    connection.answered(2)
    connection.request()
    assert.deepEqual(connection.begun, [0, 1, 2, 3])
  })

  it('reads nothing more while many wait, whoever asks for it', () => {
    const connection = new Connection()
    connection.socket.resume()
    connection.requests(100)
    assert.equal(connection.socket.isPaused(), false)
    connection.request()
    assert.equal(connection.socket.isPaused(), true)
    connection.socket.emit('resume')
    assert.equal(connection.socket.isPaused(), true)
    connection.request()
    connection.answered(0)
    assert.equal(connection.socket.isPaused(), true)
    connection.answered(1)
    assert.equal(connection.socket.isPaused(), false)
  })

  it('begins nothing on a connection that was closed, or is about to be', () => {
    for (const close of ['destroy', 'destroySoon'] as const) {
      const connection = new Connection()
      connection.requests(3)
      connection.socket[close]()
      connection.answered(0)
      assert.deepEqual(connection.begun, [0])
    }
  })

  it('lets the end of a connection wait for the requests that came whole', () => {
    const connection = new Connection()
    connection.requests(2)
    connection.request(false)
    connection.breaksOff()
    connection.answered(0)
    assert.deepEqual(connection.begun, [0, 1])
    connection.answered(1)
    assert.deepEqual(connection.begun, [0, 1, 'open'])
  })

  it('says whether the request that breaks off has an answer', () => {
    const connection = new Connection()
    connection.request(false)
    connection.breaksOff()
    connection.responses[0]?.writeHead(415)
    connection.breaksOff()
    connection.answered(0)
    connection.breaksOff()
    assert.deepEqual(connection.begun, [0, 'open', 'answered', 'answered'])
    const idle = new Connection()
    idle.breaksOff()
    assert.deepEqual(idle.begun, ['open'])
  })
})
