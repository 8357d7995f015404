import type { ModelContext } from '../models/model.js'
import { decodeNext, sequenceObjectKey, type SequenceRequest } from '../models/relational/write/sequences.js'

/** A sequence that is an object of its own. */
export interface SequenceFacts {
  /** Of the catalog object. */
  readonly id: number
  readonly oid: number
  readonly name: string
  readonly start: bigint
  readonly increment: bigint
  readonly min: bigint
  readonly max: bigint
  readonly cycle: boolean
}

/** Sequences that a transaction has made or set itself, by id. */
const OWN = new WeakMap<ModelContext, Set<number>>()

/** From here on the transaction takes the sequence's numbers inside of itself, so that a rollback takes them back. */
export function ownSequence(context: ModelContext, id: number): void {
  const own = OWN.get(context) ?? new Set()
  OWN.set(context, own.add(id))
}

/** The next numbers, outside of the transaction. @throws sequence_generator_limit_exceeded */
export async function takeSequenceNumbers(
  context: ModelContext,
  sequence: SequenceFacts,
  count: number,
): Promise<bigint[]> {
  const request = requestOf(context, sequence)
  const isFarFromEnd = !sequence.cycle && count > 1
  if (!isFarFromEnd) {
    const numbers: bigint[] = []
    for (let i = 0; i < count; i++)
      numbers.push(await context.takeNumbers(sequenceObjectKey(sequence.id), { ...request, count: 1 }))
    return numbers
  }
  const first = await context.takeNumbers(sequenceObjectKey(sequence.id), { ...request, count })
  return Array.from({ length: count }, (_, i) => first + BigInt(i) * sequence.increment)
}

/** Sets what the sequence gives out next, with the transaction. */
export async function setSequence(context: ModelContext, { id }: SequenceFacts, next: bigint): Promise<void> {
  await context.setNumbers(sequenceObjectKey(id), next)
  ownSequence(context, id)
}

/** The number that was given out last, or the first one while none was. */
export async function sequenceState(
  context: ModelContext,
  { id, start, increment, min, max }: SequenceFacts,
): Promise<{ readonly lastValue: bigint; readonly isCalled: boolean }> {
  const key = sequenceObjectKey(id)
  const known = OWN.get(context)?.has(id) === true ? undefined : context.nextNumber(key)
  const stored = known === undefined ? await context.storage.get(key) : undefined
  const next = known ?? (stored === undefined ? start : decodeNext(stored))
  const last = next - increment
  const isCalled = next !== start && last >= min && last <= max
  return { lastValue: isCalled ? last : next, isCalled }
}

function requestOf(
  context: ModelContext,
  { id, name, start, increment, min, max, cycle }: SequenceFacts,
): Omit<SequenceRequest, 'count'> {
  return {
    start,
    increment,
    bounds: { name, min, max, cycle },
    ...(OWN.get(context)?.has(id) === true ? { isOwn: true } : {}),
  }
}
