/** What a statement leaves behind until it ends. */
export class Cleanups {
  #all: (() => void | Promise<void>)[] = []

  add(cleanup: () => void | Promise<void>): void {
    this.#all.push(cleanup)
  }

  /** In reverse, each once. */
  async run(): Promise<void> {
    for (let cleanup = this.#all.pop(); cleanup !== undefined; cleanup = this.#all.pop()) {
      const ending = cleanup()
      if (ending !== undefined) await ending
    }
  }
}
