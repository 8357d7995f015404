/**
 * The two meta pages at the start of an LMDB data file. Each names the roots of one committed state; commit N is in
 * page N modulo 2, and the larger number counts.
 */
import { readSync, writeSync } from 'node:fs'
import { corruptFile } from '../../directory/corrupt-file.js'

/** Of every page: its number, the transaction that wrote it, its flags and its bounds. */
export const PAGE_HEADER_BYTES = 24
export const META_BYTES = 144
/** The root of a tree without entries. */
export const NO_PAGE = 0xffff_ffff_ffff_ffffn

const FLAG_META = 0x08
const MAGIC = 0xbeefc0de
const VERSION = 2
const TREES_AT = 24
const TREE_BYTES = 48
const TRANSACTION_AT = 128

export interface TreeRoot {
  readonly depth: number
  readonly branchPages: bigint
  readonly leafPages: bigint
  readonly overflowPages: bigint
  readonly entries: bigint
  readonly root: bigint
}

export interface Meta {
  /** As in the file. */
  readonly bytes: Buffer
  readonly pageSize: number
  readonly free: TreeRoot
  readonly main: TreeRoot
  readonly lastPage: bigint
  readonly transaction: bigint
}

/**
 * The newer of the two.
 * @throws STORAGE_CORRUPT
 */
export function readLatestMeta(fd: number, path: string): Meta {
  const [first, second] = readMetas(fd, path)
  return first.transaction >= second.transaction ? first : second
}

export function readMetas(fd: number, path: string): [Meta, Meta] {
  const first = readMeta(fd, path, 0)
  const second = readMeta(fd, path, first.pageSize)
  if (second.pageSize !== first.pageSize) throw corruptFile(path, 'has meta pages that do not agree')
  return [first, second]
}

function readMeta(fd: number, path: string, position: number): Meta {
  const page = Buffer.alloc(PAGE_HEADER_BYTES + META_BYTES)
  if (readSync(fd, page, 0, page.byteLength, position) < page.byteLength) {
    throw corruptFile(path, 'is cut off inside its meta pages')
  }
  const meta = parseMeta(page.subarray(PAGE_HEADER_BYTES))
  if ((page.readUInt16LE(18) & FLAG_META) === 0 || meta === undefined) {
    throw corruptFile(path, `has a damaged meta page at byte ${position}`)
  }
  return meta
}

/** Undefined when it cannot be one. */
export function parseMeta(bytes: Buffer): Meta | undefined {
  const pageSize = bytes.readUInt32LE(TREES_AT)
  const known = bytes.readUInt32LE(0) === MAGIC && (bytes.readUInt32LE(4) & 0xffff) === VERSION
  const possible = pageSize >= 256 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0
  if (!known || !possible) return undefined
  return {
    bytes,
    pageSize,
    free: treeRoot(bytes, TREES_AT),
    main: treeRoot(bytes, TREES_AT + TREE_BYTES),
    lastPage: bytes.readBigUInt64LE(120),
    transaction: bytes.readBigUInt64LE(TRANSACTION_AT),
  }
}

function treeRoot(bytes: Buffer, at: number): TreeRoot {
  return {
    depth: bytes.readUInt16LE(at + 6),
    branchPages: bytes.readBigUInt64LE(at + 8),
    leafPages: bytes.readBigUInt64LE(at + 16),
    overflowPages: bytes.readBigUInt64LE(at + 24),
    entries: bytes.readBigUInt64LE(at + 32),
    root: bytes.readBigUInt64LE(at + 40),
  }
}

/** Makes `meta` the state of the file, and forgets any other. */
export function writeMetas(fd: number, meta: Meta): void {
  const earlier = meta.transaction === 0n ? 0n : meta.transaction - 1n
  for (const transaction of [earlier, meta.transaction]) {
    const bytes = Buffer.from(meta.bytes)
    bytes.writeBigUInt64LE(transaction, TRANSACTION_AT)
    const page = meta.transaction === 0n ? [0, 1] : [Number(transaction & 1n)]
    for (const number of page) writeSync(fd, bytes, 0, META_BYTES, number * meta.pageSize + PAGE_HEADER_BYTES)
  }
}
