const SPACE = /[ \t\n\r]*/y
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y

/** The index of the first character that keeps a text from being JSON; its length when it only ends too early. */
export function jsonFault(text: string): number {
  const scan = new Scan(text)
  return scan.value() && scan.atEnd() ? text.length : scan.at
}

class Scan {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    this.#take(SPACE)
    return this.at === this.#text.length
  }

  value(): boolean {
    this.#take(SPACE)
    if (this.#takes('{')) return this.#list('}', () => this.#member())
    if (this.#takes('[')) return this.#list(']', () => this.value())
    return this.#take(STRING) || this.#take(SCALAR)
  }

  #list(close: string, item: () => boolean): boolean {
    this.#take(SPACE)
    if (this.#takes(close)) return true
    do {
      if (!item()) return false
      this.#take(SPACE)
    } while (this.#takes(','))
    return this.#takes(close)
  }

  #member(): boolean {
    this.#take(SPACE)
    if (!this.#take(STRING)) return false
    this.#take(SPACE)
    return this.#takes(':') && this.value()
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at
    if (!pattern.test(this.#text)) return false
    this.at = pattern.lastIndex
    return true
  }

  #takes(character: string): boolean {
    if (this.#text[this.at] !== character) return false
    this.at++
    return true
  }
}
