const SPACE = /[ \t\n\r]*/y
const PLAIN = /[^"\\\u0000-\u001f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y

/** The index of the first character that keeps a text from being JSON; its length when it only ends too early. */
export function jsonFault(text: string): number {
  const scan = new Scan(text)
  return scan.value() && scan.atEnd() ? text.length : scan.at
}

/** Deeper than anything that can be stored; a text that nests deeper is reported at that place. */
const DEPTH_MAX = 1000

class Scan {
  readonly #text: string
  at = 0
  #depth = 0

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
    return this.#string() || this.#take(SCALAR)
  }

  #list(close: string, item: () => boolean): boolean {
    if (++this.#depth > DEPTH_MAX) return false
    this.#take(SPACE)
    if (!this.#takes(close)) {
      do {
        if (!item()) return false
        this.#take(SPACE)
      } while (this.#takes(','))
      if (!this.#takes(close)) return false
    }
    this.#depth--
    return true
  }

  /** Nothing is taken of one that is faulty. Piece by piece: one pattern would overflow the stack on long texts. */
  #string(): boolean {
    const start = this.at
    if (!this.#takes('"')) return false
    do this.#take(PLAIN)
    while (this.#take(ESCAPE))
    if (this.#takes('"')) return true
    this.at = start
    return false
  }

  #member(): boolean {
    this.#take(SPACE)
    if (!this.#string()) return false
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
