import { OrbitError } from '@orbit-ts/base'
import type { Database, DatabaseTransaction } from '@orbit-ts/engine'
import { internalKeys, prefixRange } from '@orbit-ts/storage'
import type { RecordTarget } from '../records/record-target.js'
import type { ImportPosition } from './import-position.js'
import { BatchTally, hasMoved, type ImportSink, type StoredBatch } from './import-sink.js'
import { isBad, type GoodRecord, type InputRecord } from './input-record.js'
import { blamesRecord } from './record-errors.js'

type PositionAfter = (result: StoredBatch) => ImportPosition

/** Stores records in a database of this process. Positions are facts of its storage, out of sight of the models. */
export class DatabaseSink implements ImportSink {
  readonly target: RecordTarget
  readonly #database: Database
  readonly #prefix: string

  constructor(database: Database, target: RecordTarget) {
    this.target = target
    this.#database = database
    this.#prefix = `import/${target.kind}/${target.objectId}/`
  }

  async positions(): Promise<ImportPosition[]> {
    const found: ImportPosition[] = []
    const snapshot = await this.#database.storage.snapshot()
    try {
      for await (const chunk of snapshot.scan(prefixRange(internalKeys.fact(this.#prefix)))) {
        for (const { value } of chunk)
          found.push(JSON.parse(Buffer.from(value).toString('utf8')) as ImportPosition)
      }
    } finally {
      await snapshot.close()
    }
    return found
  }

  /** All in one go; when a record is refused, each by itself in a further transaction. */
  async store(
    batch: readonly InputRecord[],
    skippedMax: number,
    positionAfter: PositionAfter,
  ): Promise<StoredBatch> {
    const tally = new BatchTally(skippedMax)
    const good = batch.filter((record): record is GoodRecord => tally.takes(record))
    const result = tally.result()
    try {
      await this.#database.transaction(async (tx) => {
        if (good.length > 0)
          await this.target.store(
            tx,
            good.map(({ record }) => record),
          )
        if (hasMoved(result)) this.#putPosition(tx, positionAfter(result))
      })
      return result
    } catch (error) {
      if (!blamesRecord(error) || good.length === 0) throw error
      return this.#storeEach(batch, skippedMax, positionAfter)
    }
  }

  async #storeEach(
    batch: readonly InputRecord[],
    skippedMax: number,
    positionAfter: PositionAfter,
  ): Promise<StoredBatch> {
    try {
      return await this.#database.transaction(async (tx) => {
        const tally = new BatchTally(skippedMax)
        for (const record of batch) {
          if (tally.isStopped) break
          tally.takes(isBad(record) ? record : await this.#tryStore(tx, record))
        }
        const result = tally.result()
        if (hasMoved(result)) this.#putPosition(tx, positionAfter(result))
        return result
      })
    } catch (error) {
      if (!blamesRecord(error)) throw error
      throw refusedAsWhole(batch, error)
    }
  }

  async #tryStore(tx: DatabaseTransaction, good: GoodRecord): Promise<InputRecord> {
    try {
      await this.target.store(tx, [good.record])
      return good
    } catch (error) {
      if (!blamesRecord(error)) throw error
      return { line: good.line, end: good.end, problem: error }
    }
  }

  #putPosition(tx: DatabaseTransaction, position: ImportPosition): void {
    tx.storage.put(
      internalKeys.fact(`${this.#prefix}${position.slot}`),
      Buffer.from(JSON.stringify(position)),
    )
  }
}

/** Only checks at the commit do that, and they do not say which record they are about. */
export function refusedAsWhole(batch: readonly InputRecord[], error: OrbitError): OrbitError {
  const [first, last] = [batch[0]?.line ?? 0, batch.at(-1)?.line ?? 0]
  return new OrbitError(
    'IMPORT_FAILED',
    `the records of lines ${first} to ${last}: ${error.message}`,
    {},
    { cause: error },
  )
}
