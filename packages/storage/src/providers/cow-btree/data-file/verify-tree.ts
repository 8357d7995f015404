import { readSync } from 'node:fs'
import type { Env } from '@orbit-ts/base'
import { corruptFile } from '../../directory/corrupt-file.js'
import { KEY_PREFIX_BYTES } from '../lmdb-store.js'
import { decodeSealed, isIntact } from '../sealed-value.js'
import { damagedValue } from './damaged-value.js'
import { NO_PAGE, PAGE_HEADER_BYTES, type Meta, type TreeRoot } from './meta-page.js'

const FLAG_BRANCH = 0x01
const FLAG_LEAF = 0x02
const FLAG_OVERFLOW = 0x04
const NODE_HEADER_BYTES = 8
const NODE_ON_OVERFLOW_PAGES = 0x01
const OVERFLOW_REFERENCE_BYTES = 24
/** After so many pages others get a turn. */
const PAGES_PER_TURN = 2048

/**
 * Walks every page that a state of the file reaches: it must be inside the file, of the right kind, in order, and all
 * together as many as the meta page states. Every value must match its checksum.
 * @param fileBytes the size of the file
 * @throws STORAGE_CORRUPT
 */
export async function verifyTrees(
  fd: number,
  path: string,
  fileBytes: number,
  meta: Meta,
  env: Env,
): Promise<void> {
  const pageCount = Math.min(Math.floor(fileBytes / meta.pageSize), Number(meta.lastPage) + 1)
  const walk = new TreeWalk(fd, path, meta.pageSize, pageCount, env)
  await walk.verify(meta.free, { ours: false })
  await walk.verify(meta.main, { ours: true })
}

interface Counts {
  branchPages: bigint
  leafPages: bigint
  overflowPages: bigint
  entries: bigint
}

interface Node {
  readonly flags: number
  readonly keyStart: number
  readonly keyEnd: number
  /** On a leaf the size of the value, on a branch a page number. */
  readonly number: number
}

class TreeWalk {
  readonly #fd: number
  readonly #path: string
  readonly #pageSize: number
  readonly #pageCount: number
  readonly #env: Env
  readonly #seen: Uint8Array
  #pagesRead = 0
  #nextTurnAt = PAGES_PER_TURN
  /** Whether keys are in byte order, and values sealed. */
  #ours = false
  #depth = 0
  #lastKey: Buffer | undefined

  constructor(fd: number, path: string, pageSize: number, pageCount: number, env: Env) {
    this.#fd = fd
    this.#path = path
    this.#pageSize = pageSize
    this.#pageCount = pageCount
    this.#env = env
    this.#seen = new Uint8Array((pageCount >> 3) + 1)
  }

  async verify(tree: TreeRoot, { ours }: { ours: boolean }): Promise<void> {
    const counts: Counts = { branchPages: 0n, leafPages: 0n, overflowPages: 0n, entries: 0n }
    this.#ours = ours
    this.#depth = tree.depth
    this.#lastKey = undefined
    if (tree.root !== NO_PAGE) await this.#visit(Number(tree.root), 1, counts)
    for (const name of ['branchPages', 'leafPages', 'overflowPages', 'entries'] as const) {
      if (counts[name] !== tree[name]) {
        throw corruptFile(
          this.#path,
          `is damaged: its tree has ${counts[name]} ${LABELS[name]}, and it states ${tree[name]}`,
        )
      }
    }
  }

  async #visit(number: number, level: number, counts: Counts): Promise<void> {
    const page = await this.#read(number)
    const leaf = level === this.#depth
    const flags = page.readUInt16LE(18)
    if ((flags & (FLAG_BRANCH | FLAG_LEAF | FLAG_OVERFLOW)) !== (leaf ? FLAG_LEAF : FLAG_BRANCH)) {
      throw this.#damaged(number, 'is of the wrong kind')
    }
    const nodes = this.#nodes(page, number, leaf)
    if (leaf) {
      counts.leafPages += 1n
      counts.entries += BigInt(nodes.length)
      for (const node of nodes) this.#visitEntry(page, number, node, counts)
    } else {
      counts.branchPages += 1n
      for (const node of nodes) await this.#visit(node.number, level + 1, counts)
    }
  }

  #visitEntry(page: Buffer, number: number, node: Node, counts: Counts): void {
    if (this.#ours) this.#requireOrder(page, number, node)
    if ((node.flags & ~NODE_ON_OVERFLOW_PAGES) !== 0)
      throw this.#damaged(number, 'has an entry of unknown kind')
    if ((node.flags & NODE_ON_OVERFLOW_PAGES) === 0) {
      this.#requireIntact(page, node, page.subarray(node.keyEnd, node.keyEnd + node.number))
      return
    }
    const first = Number(page.readBigUInt64LE(node.keyEnd))
    const stated = page.readBigUInt64LE(node.keyEnd + 16)
    const pages = Math.floor((PAGE_HEADER_BYTES - 1 + node.number) / this.#pageSize) + 1
    const head = this.#readNow(first)
    if ((head.readUInt16LE(18) & FLAG_OVERFLOW) === 0) throw this.#damaged(first, 'is of the wrong kind')
    if (stated !== BigInt(pages) || head.readUInt32LE(20) !== pages)
      throw this.#damaged(first, 'has the wrong size')
    for (let next = first + 1; next < first + pages; next++) this.#mark(next)
    counts.overflowPages += BigInt(pages)
    this.#pagesRead += pages
    if (this.#ours) this.#requireIntact(page, node, this.#readValue(first, node.number))
  }

  #readValue(firstPage: number, sizeBytes: number): Buffer {
    const value = Buffer.allocUnsafeSlow(sizeBytes)
    const bytes = readSync(this.#fd, value, 0, sizeBytes, firstPage * this.#pageSize + PAGE_HEADER_BYTES)
    if (bytes < sizeBytes) throw this.#damaged(firstPage, 'is cut off')
    return value
  }

  #requireIntact(page: Buffer, { keyStart, keyEnd }: Node, sealed: Buffer): void {
    if (!this.#ours) return
    const key = page.subarray(keyStart + KEY_PREFIX_BYTES, keyEnd)
    if (!isIntact(key, decodeSealed(sealed))) throw damagedValue(this.#path, key)
  }

  #requireOrder(page: Buffer, number: number, { keyStart, keyEnd }: Node): void {
    const last = this.#lastKey
    if (last !== undefined && page.compare(last, 0, last.byteLength, keyStart, keyEnd) <= 0) {
      throw this.#damaged(number, 'has keys that are not in order')
    }
    this.#lastKey = page.subarray(keyStart, keyEnd)
  }

  #nodes(page: Buffer, number: number, leaf: boolean): Node[] {
    const room = this.#pageSize - PAGE_HEADER_BYTES
    const lower = page.readUInt16LE(20)
    const upper = page.readUInt16LE(22)
    if (lower > upper || upper > room || lower % 2 !== 0) throw this.#damaged(number, 'has damaged bounds')
    const nodes: Node[] = []
    for (let at = PAGE_HEADER_BYTES; at < PAGE_HEADER_BYTES + lower; at += 2) {
      const offset = page.readUInt16LE(at)
      if (offset < upper || offset + NODE_HEADER_BYTES > room)
        throw this.#damaged(number, 'has an entry out of bounds')
      nodes.push(this.#node(page, number, leaf, PAGE_HEADER_BYTES + offset))
    }
    return nodes
  }

  #node(page: Buffer, number: number, leaf: boolean, at: number): Node {
    const low = page.readUInt32LE(at)
    const flags = page.readUInt16LE(at + 4)
    const keyStart = at + NODE_HEADER_BYTES
    const keyEnd = keyStart + page.readUInt16LE(at + 6)
    const inPage = !leaf ? 0 : (flags & NODE_ON_OVERFLOW_PAGES) === 0 ? low : OVERFLOW_REFERENCE_BYTES
    if (keyEnd + inPage > this.#pageSize) throw this.#damaged(number, 'has an entry out of bounds')
    return { flags, keyStart, keyEnd, number: leaf ? low : low + flags * 2 ** 32 }
  }

  async #read(number: number): Promise<Buffer> {
    if (++this.#pagesRead >= this.#nextTurnAt) {
      this.#nextTurnAt = this.#pagesRead + PAGES_PER_TURN
      await this.#env.timers.nextTurn()
    }
    return this.#readNow(number)
  }

  #readNow(number: number): Buffer {
    this.#mark(number)
    const page = Buffer.allocUnsafeSlow(this.#pageSize)
    const bytes = readSync(this.#fd, page, 0, this.#pageSize, number * this.#pageSize)
    if (bytes < this.#pageSize) throw this.#damaged(number, 'is cut off')
    if (page.readBigUInt64LE(0) !== BigInt(number)) throw this.#damaged(number, 'is another page')
    return page
  }

  /** Each page belongs to one place. */
  #mark(number: number): void {
    if (number < 2 || number >= this.#pageCount) {
      throw corruptFile(
        this.#path,
        `is cut off or damaged: its tree names page ${number} of ${this.#pageCount}`,
      )
    }
    const mask = 1 << (number & 7)
    const byte = this.#seen[number >> 3] ?? 0
    if ((byte & mask) !== 0) throw this.#damaged(number, 'is used twice')
    this.#seen[number >> 3] = byte | mask
  }

  #damaged(number: number, how: string): Error {
    return corruptFile(this.#path, `is damaged: page ${number} ${how}`)
  }
}

const LABELS = {
  branchPages: 'branch pages',
  leafPages: 'leaf pages',
  overflowPages: 'overflow pages',
  entries: 'entries',
} as const
