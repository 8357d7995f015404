/** Remembers what was made of texts, the most recently used ones. */
export class LruTexts<T> {
  readonly #entries = new Map<string, T>()
  readonly #lengthMax: number
  readonly #textLengthMax: number
  #length = 0

  /**
   * @param limits.lengthMax characters of all texts together
   * @param limits.textLengthMax longer texts are not kept
   */
  constructor(limits: { readonly lengthMax: number; readonly textLengthMax: number }) {
    this.#lengthMax = limits.lengthMax
    this.#textLengthMax = limits.textLengthMax
  }

  has(text: string): boolean {
    return this.#entries.has(text)
  }

  get(text: string): T | undefined {
    const entry = this.#entries.get(text)
    if (entry === undefined) return undefined
    this.#entries.delete(text)
    this.#entries.set(text, entry)
    return entry
  }

  set(text: string, entry: T): void {
    if (text.length > this.#textLengthMax) return
    if (this.#entries.delete(text)) this.#length -= text.length
    this.#entries.set(text, entry)
    this.#length += text.length
    for (const [oldest] of this.#entries) {
      if (this.#length <= this.#lengthMax) break
      this.#entries.delete(oldest)
      this.#length -= oldest.length
    }
  }
}
