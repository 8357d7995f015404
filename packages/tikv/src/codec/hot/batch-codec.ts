/**
 * The envelope of batched commands. The commands themselves stay encoded, so that each is encoded and decoded once, by
 * the method it belongs to. The bytes equal those of the generated encoders.
 */
import { OrbitError } from '@orbit-ts/base'
import { HealthFeedback } from '../../gen/kvrpcpb.js'
import type { BatchId, BatchItem, BatchRequest, BatchResponse } from '../../rpc/batch-message.js'
import { plainBytes } from '../plain-bytes.js'
import { BATCH_CASES, BATCH_FIELDS } from './batch-fields.js'
import { WireReader } from './wire-reader.js'
import { WireWriter, varintSize } from './wire-writer.js'

const writer = new WireWriter()

export function encodeBatchRequest(request: BatchRequest): Uint8Array {
  writer.start()
  writeItems(request.items)
  writer.uint64Field(24, request.clientSendTimeNs)
  return writer.finish()
}

export function encodeBatchResponse(response: BatchResponse): Uint8Array {
  writer.start()
  writeItems(response.items)
  writer.uint64Field(24, response.transportLayerLoad)
  if (response.healthFeedback !== undefined)
    writer.bytesItem(34, HealthFeedback.encode(response.healthFeedback).finish())
  writer.uint64Field(40, response.serverSendTimeNs)
  return writer.finish()
}

/** @throws `PROTOCOL_VIOLATION` for malformed bytes, and when commands and ids are not equally many. */
export function decodeBatchRequest(bytes: Uint8Array): BatchRequest {
  const reader = new WireReader(plainBytes(bytes))
  const items = new Items()
  let clientSendTimeNs = 0n
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (items.read(reader, tag)) continue
    if (tag === 24) clientSendTimeNs = reader.uint64()
    else reader.skip(tag)
  }
  return { items: items.finish(), clientSendTimeNs }
}

/** @throws `PROTOCOL_VIOLATION` for malformed bytes, and when answers and ids are not equally many. */
export function decodeBatchResponse(bytes: Uint8Array): BatchResponse {
  const reader = new WireReader(plainBytes(bytes))
  const items = new Items()
  let transportLayerLoad = 0n
  let healthFeedback: HealthFeedback | undefined
  let serverSendTimeNs = 0n
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (items.read(reader, tag)) continue
    if (tag === 24) transportLayerLoad = reader.uint64()
    else if (tag === 34) healthFeedback = HealthFeedback.decode(reader.bytesValue())
    else if (tag === 40) serverSendTimeNs = reader.uint64()
    else reader.skip(tag)
  }
  return { items: items.finish(), transportLayerLoad, healthFeedback, serverSendTimeNs }
}

function writeItems(items: readonly BatchItem[]): void {
  for (const item of items) writeItem(item)
  if (items.length === 0) return
  const at = writer.open(18)
  for (const { id } of items) writer.uint64Number(id)
  writer.close(at)
}

function writeItem({ batchCase, payload }: BatchItem): void {
  writer.varint(10)
  if (batchCase === undefined) {
    writer.varint(0)
    return
  }
  const tag = BATCH_FIELDS[batchCase] * 8 + 2
  writer.varint(varintSize(tag) + varintSize(payload.length) + payload.length)
  writer.bytesItem(tag, payload)
}

/** Commands and ids come as two lists, which belong together element by element. */
class Items {
  readonly #items: MutableItem[] = []
  readonly #ids: BatchId[] = []

  /** True when the field was one of these lists. */
  read(reader: WireReader, tag: number): boolean {
    if (tag === 10) this.#items.push(readItem(reader))
    else if (tag === 18) this.#readIds(reader)
    else if (tag === 16) this.#ids.push(reader.uint64Number())
    else return false
    return true
  }

  finish(): BatchItem[] {
    const items = this.#items
    const ids = this.#ids
    if (items.length !== ids.length)
      throw new OrbitError(
        'PROTOCOL_VIOLATION',
        `a batch holds ${items.length} commands but ${ids.length} ids`,
      )
    let at = 0
    for (const id of ids) {
      const item = items[at++]
      if (item !== undefined) item.id = id
    }
    return items
  }

  #readIds(reader: WireReader): void {
    const end = reader.end()
    while (reader.position < end) this.#ids.push(reader.uint64Number())
    reader.close(end)
  }
}

type MutableItem = { -readonly [Name in keyof BatchItem]: BatchItem[Name] }

const NOTHING = new Uint8Array(0)

function readItem(reader: WireReader): MutableItem {
  const item: MutableItem = { id: 0, batchCase: undefined, payload: NOTHING }
  const end = reader.end()
  while (reader.position < end) {
    const tag = reader.tag()
    const batchCase = (tag & 7) === 2 ? BATCH_CASES[tag >>> 3] : undefined
    if (batchCase === undefined) reader.skip(tag)
    else {
      item.batchCase = batchCase
      item.payload = reader.bytesValue()
    }
  }
  reader.close(end)
  return item
}
