import { OrbitError } from '@orbit-ts/base'
import { objectKindOf } from '../records/find-target.js'
import type { RecordTarget } from '../records/record-target.js'
import { refusedAsWhole } from './database-sink.js'
import type { ImportPosition } from './import-position.js'
import { BatchTally, hasMoved, type ImportSink, type StoredBatch } from './import-sink.js'
import type { GoodRecord, InputRecord } from './input-record.js'
import type { OrbitClient, RemoteOperation } from './orbit-client.js'
import { blamesRecord } from './record-errors.js'

type PositionAfter = (result: StoredBatch) => ImportPosition

/**
 * The collection of positions on a server, which has no facts that are out of sight. They speak of ids of objects, which
 * mean nothing in another database.
 */
export const POSITIONS = 'orbit_imports'

/** Stores records through the HTTP API of a server. Positions are documents there. */
export class ServerSink implements ImportSink {
  readonly target: RecordTarget
  readonly #client: OrbitClient
  readonly #name: string
  readonly #prefix: string
  #hasPositions = false

  constructor(client: OrbitClient, target: RecordTarget, name: string) {
    this.target = target
    this.#client = client
    this.#name = name
    this.#prefix = `${target.kind}/${target.objectId}/`
  }

  async positions(): Promise<ImportPosition[]> {
    await this.#requirePositions()
    const found: ImportPosition[] = []
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const args = { where: { target: this.#prefix }, orderBy: 'id', offset }
      const [answer] = await this.#client.transaction([
        { kind: 'collection', object: POSITIONS, op: 'find', args },
      ])
      const page = answer as { readonly documents: readonly ImportPosition[]; readonly nextOffset?: number }
      found.push(...page.documents)
      offset = page.nextOffset
    }
    return found
  }

  /**
   * All in one request; when a record is refused, again with an operation for each record, so that the error tells
   * which it is, until none is left that is.
   */
  async store(
    batch: readonly InputRecord[],
    skippedMax: number,
    positionAfter: PositionAfter,
  ): Promise<StoredBatch> {
    await this.#requirePositions()
    const whole = tallyOf(batch, skippedMax)
    try {
      return await this.#send(
        whole,
        (good) => (good.length === 0 ? [] : [this.#operation(good)]),
        positionAfter,
      )
    } catch (error) {
      if (!blamesRecord(error) || whole.good.length === 0) throw error
      return this.#storeEach(batch, skippedMax, positionAfter)
    }
  }

  async #storeEach(
    batch: readonly InputRecord[],
    skippedMax: number,
    positionAfter: PositionAfter,
  ): Promise<StoredBatch> {
    const left = [...batch]
    for (;;) {
      const parts = tallyOf(left, skippedMax)
      try {
        return await this.#send(
          parts,
          (good) => good.map((record) => this.#operation([record])),
          positionAfter,
        )
      } catch (error) {
        if (!blamesRecord(error)) throw error
        const at = error.details['operation']
        const refused = typeof at === 'number' ? parts.good[at] : undefined
        if (refused === undefined) throw refusedAsWhole(batch, error)
        left[left.indexOf(refused)] = { line: refused.line, end: refused.end, problem: withoutNumber(error) }
      }
    }
  }

  async #send(
    { good, result }: { readonly good: readonly GoodRecord[]; readonly result: StoredBatch },
    operationsOf: (good: readonly GoodRecord[]) => RemoteOperation[],
    positionAfter: PositionAfter,
  ): Promise<StoredBatch> {
    const operations = operationsOf(good)
    if (hasMoved(result)) operations.push(this.#positionOperation(positionAfter(result)))
    if (operations.length > 0) await this.#client.transaction(operations)
    return result
  }

  #operation(good: readonly GoodRecord[]): RemoteOperation {
    const { op, args } = this.target.operation(good.map(({ record }) => record))
    return { kind: objectKindOf(this.target.kind), object: this.#name, op, args }
  }

  #positionOperation(position: ImportPosition): RemoteOperation {
    const document = { ...position, id: `${this.#prefix}${position.slot}`, target: this.#prefix }
    return { kind: 'collection', object: POSITIONS, op: 'upsert', args: { document } }
  }

  async #requirePositions(): Promise<void> {
    if (this.#hasPositions) return
    await this.#client.apply({
      kind: 'collection',
      name: POSITIONS,
      input: { indexes: [{ path: 'target' }] },
    })
    this.#hasPositions = true
  }
}

function tallyOf(
  batch: readonly InputRecord[],
  skippedMax: number,
): { readonly good: readonly GoodRecord[]; readonly result: StoredBatch } {
  const tally = new BatchTally(skippedMax)
  const good = batch.filter((record): record is GoodRecord => tally.takes(record))
  return { good, result: tally.result() }
}

/** The number of the operation says nothing to who reads lines. */
function withoutNumber(error: OrbitError): OrbitError {
  return new OrbitError(error.code, error.reason.replace(/^operations\[\d+\]: /, ''), error.details, {
    cause: error,
  })
}
