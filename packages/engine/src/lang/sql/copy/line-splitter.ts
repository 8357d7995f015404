import { queryError } from '../../../scalar/condition.js'

/** Longest line that is taken, bytes. */
export const LINE_MAX_BYTES = 256 * 1024 * 1024

const NEWLINE = 0x0a
const RETURN = 0x0d

/** Whether a quoted field is open at the end of a piece. Shown the pieces of the stream in order; it keeps state. */
export type QuoteTracker = (piece: Buffer) => boolean

/**
 * Cuts a stream of bytes into lines, which end with a newline, a carriage return and a newline, or the end of the
 * stream. A newline within quotes ends none. Bytes that are no whole line yet are kept.
 */
export class LineSplitter {
  readonly #track: QuoteTracker | undefined
  #parts: Buffer[] = []
  #keptBytes = 0
  #isOpen = false

  constructor(track?: QuoteTracker) {
    this.#track = track
  }

  /** @throws program_limit_exceeded for a line that is longer than {@link LINE_MAX_BYTES}. */
  *push(chunk: Uint8Array): Generator<Buffer> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#isOpen = this.#track?.(bytes.subarray(from, end + 1)) === true
      from = end + 1
      if (this.#isOpen) continue
      yield trimReturn(this.#take(bytes.subarray(start, end)))
      start = from
    }
    if (from < bytes.length) this.#isOpen = this.#track?.(bytes.subarray(from)) === true
    this.#keep(bytes.subarray(start))
  }

  /** The last line, when it has no newline. @throws bad_copy_file_format when a quoted field is open. */
  end(): Buffer | undefined {
    if (this.#isOpen) throw queryError('bad_copy_file_format', 'unterminated CSV quoted field')
    const line = this.#take(Buffer.alloc(0))
    return line.length === 0 ? undefined : trimReturn(line)
  }

  #take(last: Buffer): Buffer {
    if (this.#parts.length === 0) return last
    const line = Buffer.concat([...this.#parts, last])
    this.#parts = []
    this.#keptBytes = 0
    return line
  }

  #keep(tail: Buffer): void {
    if (tail.length === 0) return
    this.#keptBytes += tail.length
    if (this.#keptBytes > LINE_MAX_BYTES)
      throw queryError('program_limit_exceeded', `a line of COPY is longer than ${LINE_MAX_BYTES} bytes`)
    // The caller may reuse its chunk.
    this.#parts.push(Buffer.from(tail))
  }
}

function trimReturn(line: Buffer): Buffer {
  return line.length > 0 && line[line.length - 1] === RETURN ? line.subarray(0, -1) : line
}
