import { OrbitError } from '@orbit-ts/base'
import type { ByteWindow } from './byte-window.js'

/** Longest line of a JSONL file and longest record of a CSV file. */
export const RECORD_SIZE_MAX_BYTES = 32 * 1024 * 1024

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** An input and the window over it. */
export class InputBuffer {
  readonly window: ByteWindow
  readonly #next: () => Promise<Buffer | undefined>

  constructor(window: ByteWindow, next: () => Promise<Buffer | undefined>) {
    this.window = window
    this.#next = next
  }

  /** Reads a further chunk into the window. False at the end of the input. */
  async readMore(): Promise<boolean> {
    const chunk = await this.#next()
    if (chunk === undefined) return false
    this.window.append(chunk)
    return true
  }

  /** The offset behind the next line feed from `from` on; at the end of the input that end. */
  async lineEnd(from: number): Promise<number> {
    let searched = from
    for (;;) {
      const found = this.window.lineFeed(searched)
      if (found !== undefined) return found + 1
      searched = this.window.end
      if (searched - from > RECORD_SIZE_MAX_BYTES || !(await this.readMore())) return searched
    }
  }

  /**
   * The offset of the first text: behind a byte order mark.
   * @throws IMPORT_FAILED when the input is not UTF-8
   */
  async textStart(): Promise<number> {
    const { window } = this
    if (window.committed.offset > 0) return window.committed.offset
    while (window.end < BYTE_ORDER_MARK.length && (await this.readMore()));
    const start = window.slice(0, Math.min(window.end, BYTE_ORDER_MARK.length))
    if (start.equals(BYTE_ORDER_MARK)) return BYTE_ORDER_MARK.length
    if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) {
      throw new OrbitError(
        'IMPORT_FAILED',
        'the file is UTF-16; convert it to UTF-8 first, nothing was imported',
      )
    }
    return 0
  }
}
