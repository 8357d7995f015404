import type { FileHandle } from 'node:fs/promises'
import { maskedCrc } from './masked-crc.js'

const BLOCK_BYTES = 32_768
const READ_BYTES = 32 * BLOCK_BYTES
const HEAD_BYTES = 7
const FULL = 1
const FIRST = 2
const MIDDLE = 3
const LAST = 4

/** One record of LevelDB's log format, or where the log is damaged, or begins a record that the file's end cuts off. */
export type LogItem =
  | { readonly type: 'record'; readonly bytes: Buffer }
  | { readonly type: 'damage'; readonly at: number; readonly how: string }
  | { readonly type: 'cut'; readonly at: number }

/**
 * The records of a log or manifest. A record that is cut off by the end of the file is no damage: that is what a crash
 * leaves. After damage, reading goes on at the next block of 32 KiB.
 */
export async function* logRecords(file: FileHandle): AsyncGenerator<LogItem, void, undefined> {
  const { size } = await file.stat()
  const assembly = new Assembly()
  const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, size))
  for (let start = 0; start < size; start += READ_BYTES) {
    const length = Math.min(READ_BYTES, size - start)
    await readFully(file, buffer, length, start)
    for (let at = 0; at < length; at += BLOCK_BYTES) {
      const block = buffer.subarray(at, Math.min(at + BLOCK_BYTES, length))
      yield* recordsOfBlock(block, start + at, start + at + block.byteLength >= size, assembly)
    }
  }
  const unfinished = assembly.unfinishedAt
  if (unfinished !== undefined) yield { type: 'cut', at: unfinished }
}

async function readFully(file: FileHandle, buffer: Buffer, length: number, position: number): Promise<void> {
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done)
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was read')
    done += bytesRead
  }
}

function* recordsOfBlock(
  block: Buffer,
  start: number,
  last: boolean,
  assembly: Assembly,
): Generator<LogItem> {
  let at = 0
  while (block.byteLength - at >= HEAD_BYTES) {
    const length = block.readUInt16LE(at + 4)
    const type = block.readUInt8(at + 6)
    if (type === 0 && length === 0) return
    const end = at + HEAD_BYTES + length
    if (end > block.byteLength) {
      yield last ? assembly.cut(start + at) : assembly.damage(start + at, 'a record is longer than its block')
      return
    }
    if (maskedCrc(block.subarray(at + 6, end)) !== block.readUInt32LE(at)) {
      yield assembly.damage(start + at, 'a record does not match its checksum')
      return
    }
    yield* assembly.add(type, block.subarray(at + HEAD_BYTES, end), start + at)
    at = end
  }
  if (last && at < block.byteLength && block.byteLength < BLOCK_BYTES) yield assembly.cut(start + at)
}

/** Puts records together that span several blocks. */
class Assembly {
  #parts: Buffer[] | undefined
  #startedAt = 0

  get unfinishedAt(): number | undefined {
    return this.#parts === undefined ? undefined : this.#startedAt
  }

  /** Record bytes are good until the next block is read. */
  add(type: number, bytes: Buffer, at: number): LogItem[] {
    switch (type) {
      case FULL:
        return [...this.#abandon(at), { type: 'record', bytes }]
      case FIRST: {
        const abandoned = this.#abandon(at)
        this.#parts = [Buffer.from(bytes)]
        this.#startedAt = at
        return abandoned
      }
      case MIDDLE:
      case LAST:
        return this.#continue(type, bytes, at)
      default:
        return [this.damage(at, 'a record is of no known type')]
    }
  }

  damage(at: number, how: string): LogItem {
    this.#parts = undefined
    return { type: 'damage', at, how }
  }

  cut(at: number): LogItem {
    const from = this.unfinishedAt ?? at
    this.#parts = undefined
    return { type: 'cut', at: from }
  }

  #continue(type: number, bytes: Buffer, at: number): LogItem[] {
    if (this.#parts === undefined) return [this.damage(at, 'a record has no beginning')]
    this.#parts.push(Buffer.from(bytes))
    if (type !== LAST) return []
    const record: LogItem = { type: 'record', bytes: Buffer.concat(this.#parts) }
    this.#parts = undefined
    return [record]
  }

  /** Old writers left an empty beginning at the end of a block; anything else without an end is damage. */
  #abandon(at: number): LogItem[] {
    const lost = this.#parts?.some((part) => part.byteLength > 0) ?? false
    this.#parts = undefined
    return lost ? [this.damage(at, 'a record has no end')] : []
  }
}
