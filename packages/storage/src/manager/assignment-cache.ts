/** The stores of the objects used last. What it says may be out of date: every use checks it in the store itself. */
export class AssignmentCache {
  /** From the one used longest ago to the latest. */
  readonly #stores = new Map<string, string>()
  readonly #countMax: number

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get(object: string): string | undefined {
    const store = this.#stores.get(object)
    if (store !== undefined) this.set(object, store)
    return store
  }

  set(object: string, store: string): void {
    this.#stores.delete(object)
    this.#stores.set(object, store)
    if (this.#stores.size <= this.#countMax) return
    for (const oldest of this.#stores.keys()) {
      this.#stores.delete(oldest)
      return
    }
  }

  delete(object: string): void {
    this.#stores.delete(object)
  }
}
