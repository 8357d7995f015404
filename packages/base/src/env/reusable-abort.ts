/**
 * An AbortController that serves one statement after another until it was aborted: making a signal costs more than
 * reading a row.
 *
 * Invariant: whoever takes it is the only one who has it until it is given back, and nobody listens to it by then.
 */
export class ReusableAbort {
  #spare: AbortController | undefined

  take(): AbortController {
    const controller = this.#spare ?? new AbortController()
    this.#spare = undefined
    return controller
  }

  giveBack(controller: AbortController): void {
    if (!controller.signal.aborted) this.#spare = controller
  }
}
