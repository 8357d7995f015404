/** Messages that may wait before the sender is held back. */
const WAITING_MAX = 16

/**
 * Turns the callbacks of a stream into an iteration, holding the stream back while the consumer is slow.
 *
 * Invariant: every message that arrived before the end is delivered before the error.
 */
export class ResponseQueue<Response> {
  #messages: Response[] = []
  #ended = false
  #error: Error | undefined
  #paused = false
  #wake: (() => void) | undefined
  readonly #flow: { pause(): void; resume(): void }

  constructor(flow: { pause(): void; resume(): void }) {
    this.#flow = flow
  }

  onMessage(response: Response): void {
    this.#messages.push(response)
    if (!this.#paused && this.#messages.length >= WAITING_MAX) {
      this.#paused = true
      this.#flow.pause()
    }
    this.#wake?.()
  }

  onEnd(error: Error | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#wake?.()
  }

  async *drain(): AsyncGenerator<Response, void, undefined> {
    for (;;) {
      const messages = this.#messages
      this.#messages = []
      yield* messages
      if (this.#messages.length > 0) continue
      if (this.#ended) break
      const woken = new Promise<void>((wake) => (this.#wake = wake))
      this.#resume()
      await woken
      this.#wake = undefined
    }
    if (this.#error !== undefined) throw this.#error
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#flow.resume()
  }
}
