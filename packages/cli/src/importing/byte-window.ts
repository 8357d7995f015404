/**
 * The part of an input that was read and is not yet committed.
 *
 * Invariants:
 * 1. It holds the bytes from `committed` to `end`, offsets counted from the start of the input.
 * 2. The hash is of all bytes before `committed`, also of those read by an earlier import that this one resumes.
 */
import { createHash, type Hash } from 'node:crypto'
import { assert } from '@orbit-ts/base'

const LINE_FEED = 0x0a

/** Where an import has got to. */
export interface InputPlace {
  /** Bytes before it. */
  readonly offset: number
  /** Of the next byte, from 1. */
  readonly line: number
}

export class ByteWindow {
  readonly #hash: Hash
  #chunks: Buffer[] = []
  #committed: InputPlace
  #end: number

  /** @param hash of the bytes before `place`; it is taken over */
  constructor(place: InputPlace = { offset: 0, line: 1 }, hash: Hash = createHash('sha256')) {
    this.#committed = place
    this.#end = place.offset
    this.#hash = hash
  }

  get committed(): InputPlace {
    return this.#committed
  }

  get end(): number {
    return this.#end
  }

  /** The place at `offset`, with the SHA-256 (hexadecimal) of all bytes before it. */
  placeAt(offset: number): InputPlace & { readonly sha256: string } {
    const hash = this.#hash.copy()
    for (const piece of this.#pieces(this.#committed.offset, offset)) hash.update(piece)
    const line = this.#committed.line + this.countLines(this.#committed.offset, offset)
    return { offset, line, sha256: hash.digest('hex') }
  }

  append(chunk: Buffer): void {
    if (chunk.byteLength === 0) return
    this.#chunks.push(chunk)
    this.#end += chunk.byteLength
  }

  /** Forgets the bytes before `offset`. */
  commit(offset: number): void {
    const line = this.#committed.line + this.countLines(this.#committed.offset, offset)
    for (const piece of this.#pieces(this.#committed.offset, offset)) this.#hash.update(piece)
    let gone = offset - this.#committed.offset
    const kept: Buffer[] = []
    for (const chunk of this.#chunks) {
      if (gone < chunk.byteLength) kept.push(gone === 0 ? chunk : chunk.subarray(gone))
      gone = Math.max(0, gone - chunk.byteLength)
    }
    this.#chunks = kept
    this.#committed = { offset, line }
  }

  /** The bytes from `from` up to `to`; a copy where they came in several chunks. */
  slice(from: number, to: number): Buffer {
    const pieces = [...this.#pieces(from, to)]
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
  }

  /** The offset of the first line feed from `from` on, or undefined. */
  lineFeed(from: number): number | undefined {
    let at = from
    for (const piece of this.#pieces(from, this.#end)) {
      const found = piece.indexOf(LINE_FEED)
      if (found >= 0) return at + found
      at += piece.byteLength
    }
    return undefined
  }

  /** Line feeds from `from` up to `to`. */
  countLines(from: number, to: number): number {
    let count = 0
    for (const piece of this.#pieces(from, to)) {
      for (let at = piece.indexOf(LINE_FEED); at >= 0; at = piece.indexOf(LINE_FEED, at + 1)) count++
    }
    return count
  }

  *#pieces(from: number, to: number): Generator<Buffer> {
    assert(from >= this.#committed.offset && from <= to && to <= this.#end, 'the bytes are in the window', {
      from,
      to,
      committed: this.#committed.offset,
      end: this.#end,
    })
    let start = this.#committed.offset
    for (const chunk of this.#chunks) {
      if (start >= to) return
      const end = start + chunk.byteLength
      if (end > from) yield chunk.subarray(Math.max(0, from - start), Math.min(chunk.byteLength, to - start))
      start = end
    }
  }
}
