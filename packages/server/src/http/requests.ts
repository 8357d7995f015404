/**
 * The requests that a server is working on, and the end of that.
 *
 * Invariants:
 * 1. Work is given a signal that is aborted when its client goes away, when it takes too long, and when the server
 *    stops; aborted work has no effect unless its commit was under way already.
 * 2. `drain` resolves once nothing is in progress, or once what still was after its time has been told to end.
 */
import type { ServerResponse } from 'node:http'
import { OrbitError, delay, hasCode, type Env } from '@orbit-ts/base'

/** How long aborted work may take to answer, milliseconds. */
const ABORT_GRACE_MS = 1000

export class Requests {
  readonly #env: Env
  readonly #timeoutMs: number
  readonly #open = new Set<ServerResponse>()
  readonly #works = new Map<AbortController, Promise<unknown>>()
  readonly #idleWaiters = new Set<() => void>()
  #closing = false

  constructor(env: Env, timeoutMs: number) {
    this.#env = env
    this.#timeoutMs = timeoutMs
  }

  /** No new work is taken any more. */
  get closing(): boolean {
    return this.#closing
  }

  get active(): number {
    return this.#open.size
  }

  /** Counts a request until its response has ended, one way or the other. */
  enter(response: ServerResponse): void {
    this.#open.add(response)
    response.once('close', () => {
      this.#open.delete(response)
      this.#wakeWhenIdle()
    })
  }

  /**
   * Runs the work of a request.
   * @throws TRANSACTION_TIMEOUT, ABORTED, SERVER_CLOSING when the signal ended it, and what `work` throws
   */
  async run<T>(response: ServerResponse, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const onClose = (): void => {
      if (!response.writableFinished)
        controller.abort(new OrbitError('ABORTED', 'the client closed the connection'))
    }
    const timer = this.#env.timers.set(() => controller.abort(this.#timedOut()), this.#timeoutMs)
    if (response.destroyed) onClose()
    response.once('close', onClose)
    const running = (async () => work(controller.signal))()
    this.#works.set(controller, running)
    try {
      return await running
    } catch (error) {
      // The storage says that its signal ended it; the signal says why.
      throw hasCode(error, 'ABORTED') && controller.signal.aborted ? controller.signal.reason : error
    } finally {
      timer.cancel()
      response.off('close', onClose)
      this.#works.delete(controller)
      this.#wakeWhenIdle()
    }
  }

  /** Takes no new work, waits until nothing is in progress, and after `timeoutMs` ends what still is. */
  async drain(timeoutMs: number): Promise<void> {
    this.#closing = true
    if (await this.#idleWithin(timeoutMs)) return
    for (const controller of this.#works.keys()) {
      controller.abort(new OrbitError('SERVER_CLOSING', 'the server stopped before the request was done'))
    }
    await this.#idleWithin(ABORT_GRACE_MS)
  }

  #timedOut(): OrbitError {
    return new OrbitError(
      'TRANSACTION_TIMEOUT',
      `the request took longer than server.request_timeout = ${this.#timeoutMs} ms and was rolled back`,
      { limit: 'server.request_timeout', timeoutMs: this.#timeoutMs },
    )
  }

  async #idleWithin(timeoutMs: number): Promise<boolean> {
    if (this.#idle()) return true
    const ended = new AbortController()
    const idle = new Promise<boolean>((resolve) => {
      this.#idleWaiters.add(() => resolve(true))
    })
    const late = delay(this.#env, timeoutMs, ended.signal).then(
      () => false,
      () => true,
    )
    const inTime = await Promise.race([idle, late])
    ended.abort()
    return inTime
  }

  #idle(): boolean {
    return this.#open.size === 0 && this.#works.size === 0
  }

  #wakeWhenIdle(): void {
    if (!this.#idle()) return
    for (const wake of this.#idleWaiters) wake()
    this.#idleWaiters.clear()
  }
}
