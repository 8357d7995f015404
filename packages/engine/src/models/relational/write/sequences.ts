/**
 * Numbers given out in order, each once, whether or not the transaction that took them commits.
 *
 * Invariants:
 * 1. What is stored under a sequence's key is the first number that nobody may give out yet: whoever wants numbers
 *    moves it on first, in a transaction of its own, for a whole block.
 * 2. Numbers of a block are given out from memory; what is left of it when the process ends is never used.
 */
import { OrbitError, fromUtf8, toBinaryString, utf8 } from '@orbit-ts/base'
import { catalogKeys, type StorageProvider, type Transaction } from '@orbit-ts/storage'
import { queryError } from '../../../scalar/condition.js'

export interface SequenceRequest {
  /** How many consecutive numbers, 0 to only move the sequence. */
  readonly count: number
  /** The first number of a new sequence. */
  readonly start: number | bigint
  /** The distance between numbers, not 0. */
  readonly increment: number | bigint
  /** Numbers up to and with this one were used otherwise: go on after it. */
  readonly used?: bigint
  /** Where it ends. Left out: it does not, or whoever stores the numbers sees to it. */
  readonly bounds?: SequenceBounds
  /** Taken in the transaction itself: the sequence was made or set anew by it, and nobody else sees it so yet. */
  readonly isOwn?: true
}

export interface SequenceBounds {
  /** For messages. */
  readonly name: string
  readonly min: bigint
  readonly max: bigint
  /** At its end it begins again, at the other end. */
  readonly cycle: boolean
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

  /** What was reserved of the sequence is given up: its state is being set. */
  forget(key: Uint8Array): void {
    this.#sequences.delete(toBinaryString(key))
  }

  /** The number that will be given out next, as far as this process knows; undefined: only the store knows. */
  peek(key: Uint8Array): bigint | undefined {
    return this.#sequences.get(toBinaryString(key))?.block?.next
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
    const first = withinBounds(skipUsed(block.next, request), request)
    block.next = first + stepsOf(request)
    sequence.block = block
    return first
  }

  /** A new block; what was left of the one before is given up. */
  #reserve(key: Uint8Array, request: SequenceRequest): Promise<Block> {
    return this.#provider.transact(async (tx) => {
      await tx.lock([key])
      const next = withinBounds(skipUsed(await readNext(tx, key, request), request), request)
      // One that begins again somewhere is not read ahead.
      const ahead = request.bounds?.cycle === true ? 0n : BLOCK_SIZE * BigInt(request.increment)
      const end = next + stepsOf(request) + ahead
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
  const first = withinBounds(skipUsed(stored, request), request)
  const next = first + stepsOf(request)
  if (next !== stored) writeNext(tx, key, next)
  return first
}

const stepsOf = ({ count, increment }: SequenceRequest): bigint => BigInt(count) * BigInt(increment)

/** The number, or the one that follows it where the sequence has ended. @throws sequence_generator_limit_exceeded */
function withinBounds(first: bigint, { count, increment, bounds }: SequenceRequest): bigint {
  if (bounds === undefined || count === 0) return first
  const last = first + BigInt(count - 1) * BigInt(increment)
  if (increment > 0 ? last <= bounds.max : last >= bounds.min) return first
  if (bounds.cycle && count === 1) return increment > 0 ? bounds.min : bounds.max
  const [word, end] = increment > 0 ? ['maximum', bounds.max] : ['minimum', bounds.min]
  throw queryError(
    'sequence_generator_limit_exceeded',
    `nextval: reached ${word} value of sequence "${bounds.name}" (${end})`,
  )
}

/** The key under which the state of a sequence that is an object of its own is kept. */
export function sequenceObjectKey(id: number): Uint8Array {
  return catalogKeys.sequence(`sequence.${id}`)
}

/** The next number to give out, as it is stored. */
export function encodeNext(next: bigint): Uint8Array {
  return utf8(String(next))
}

function skipUsed(next: bigint, { used, increment }: SequenceRequest): bigint {
  if (used === undefined) return next
  const step = BigInt(increment)
  const steps = (used - next) / step
  return (used - next) * step < 0n ? next : next + (steps + 1n) * step
}

async function readNext(tx: Transaction, key: Uint8Array, { start }: SequenceRequest): Promise<bigint> {
  const stored = await tx.get(key)
  return stored === undefined ? BigInt(start) : decodeNext(stored)
}

/** What {@link encodeNext} made. @throws STORAGE_CORRUPT */
export function decodeNext(stored: Uint8Array): bigint {
  const text = fromUtf8(stored)
  if (!/^-?\d+$/.test(text))
    throw new OrbitError('STORAGE_CORRUPT', `a sequence holds ${JSON.stringify(text)}, which is no number`)
  return BigInt(text)
}

function writeNext(tx: Transaction, key: Uint8Array, next: bigint): void {
  tx.put(key, encodeNext(next))
}
