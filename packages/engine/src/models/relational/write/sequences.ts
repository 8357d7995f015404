/**
 * Numbers given out in order, each once, whether or not the transaction that took them commits.
 *
 * Invariants:
 * 1. What is stored under a sequence's key is the first number that nobody may give out yet: whoever wants numbers
 *    moves it on first, in a transaction of its own, for a whole block.
 * 2. Numbers of a block are given out from memory; what is left of it when the process ends is never used.
 */
import { OrbitError, fromUtf8, toBinaryString, utf8 } from '@orbit-ts/base'
import type { StorageProvider, Transaction } from '@orbit-ts/storage'

export interface SequenceRequest {
  /** How many consecutive numbers, 0 to only move the sequence. */
  readonly count: number
  /** The first number of a new sequence. */
  readonly start: number
  /** The distance between numbers, not 0. */
  readonly increment: number
  /** Numbers up to and with this one were used otherwise: go on after it. */
  readonly used?: bigint
}

/** Numbers reserved for one key and not given out yet. */
interface Block {
  next: bigint
  end: bigint
}

interface Sequence {
  block: Block | undefined
  /** Ends when all requests so far have. */
  tail: Promise<unknown>
}

const BLOCK_SIZE = 100n

export class Sequences {
  readonly #provider: StorageProvider
  readonly #sequences = new Map<string, Sequence>()

  constructor(provider: StorageProvider) {
    this.#provider = provider
  }

  /** The first of `count` numbers. Requests for one key are served in turn; one that fails takes nothing. */
  take(key: Uint8Array, request: SequenceRequest): Promise<bigint> {
    const id = toBinaryString(key)
    const sequence = this.#sequences.get(id) ?? { block: undefined, tail: Promise.resolve() }
    this.#sequences.set(id, sequence)
    const taken = sequence.tail.then(() => this.#take(key, request, sequence))
    sequence.tail = taken.catch(() => undefined)
    return taken
  }

  async #take(key: Uint8Array, request: SequenceRequest, sequence: Sequence): Promise<bigint> {
    const block = hasRoom(sequence.block, request) ? sequence.block : await this.#reserve(key, request)
    const first = skipUsed(block.next, request)
    block.next = first + stepsOf(request)
    sequence.block = block
    return first
  }

  /** A new block; what was left of the one before is given up. */
  #reserve(key: Uint8Array, request: SequenceRequest): Promise<Block> {
    return this.#provider.transact(async (tx) => {
      await tx.lock([key])
      const next = skipUsed(await readNext(tx, key, request), request)
      const end = next + stepsOf(request) + BLOCK_SIZE * BigInt(request.increment)
      writeNext(tx, key, end)
      return { next, end }
    })
  }
}

function hasRoom(block: Block | undefined, request: SequenceRequest): block is Block {
  if (block === undefined) return false
  const next = skipUsed(block.next, request) + stepsOf(request)
  return request.increment > 0 ? next <= block.end : next >= block.end
}

/** As `Sequences.take`, inside a transaction: two transactions that take numbers of one sequence conflict. */
export async function takeInside(
  tx: Transaction,
  key: Uint8Array,
  request: SequenceRequest,
): Promise<bigint> {
  const stored = await readNext(tx, key, request)
  const first = skipUsed(stored, request)
  const next = first + stepsOf(request)
  if (next !== stored) writeNext(tx, key, next)
  return first
}

const stepsOf = ({ count, increment }: SequenceRequest): bigint => BigInt(count) * BigInt(increment)

function skipUsed(next: bigint, { used, increment }: SequenceRequest): bigint {
  if (used === undefined) return next
  const step = BigInt(increment)
  const steps = (used - next) / step
  return (used - next) * step < 0n ? next : next + (steps + 1n) * step
}

async function readNext(tx: Transaction, key: Uint8Array, { start }: SequenceRequest): Promise<bigint> {
  const stored = await tx.get(key)
  if (stored === undefined) return BigInt(start)
  const text = fromUtf8(stored)
  if (!/^-?\d+$/.test(text))
    throw new OrbitError('STORAGE_CORRUPT', `a sequence holds ${JSON.stringify(text)}, which is no number`)
  return BigInt(text)
}

function writeNext(tx: Transaction, key: Uint8Array, next: bigint): void {
  tx.put(key, utf8(String(next)))
}
