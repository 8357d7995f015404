import { setMaxListeners } from 'node:events'

/** Ends whatever of a transaction or snapshot is under way: any number of calls listen to it at once. */
export class StopSignal {
  readonly #controller = new AbortController()

  constructor() {
    setMaxListeners(0, this.#controller.signal)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** A signal that `other` aborts too. */
  or(other: AbortSignal | undefined): AbortSignal {
    if (other === undefined) return this.signal
    const either = AbortSignal.any([this.signal, other])
    setMaxListeners(0, either)
    return either
  }

  abort(reason?: Error): void {
    this.#controller.abort(reason)
  }
}
