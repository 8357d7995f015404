/** What a statement leaves behind until it ends. */
export class Cleanups {
  #all: (() => void | Promise<void>)[] = []

  add(cleanup: () => void | Promise<void>): void {
    this.#all.push(cleanup)
  }

  /** In reverse, each once, whatever the others do. @throws what the last one failed with */
  async run(): Promise<void> {
    const cleanup = this.#all.pop()
    if (cleanup === undefined) return
    try {
      const ending = cleanup()
      if (ending !== undefined) await ending
    } finally {
      if (this.#all.length > 0) await this.run()
    }
  }
}
