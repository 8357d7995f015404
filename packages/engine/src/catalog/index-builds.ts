/**
 * Builds indexes over data that does not fit one transaction.
 *
 * Invariants:
 * 1. The transaction that adds an index marks it `building` in the definition and notes the build. From its commit on
 *    every writer keeps the index: one that knew only the old definition cannot commit beside the new one.
 * 2. A step adds the entries of some records and moves the note's mark past them, in one transaction. Who changes or
 *    deletes one of these records at the same time writes the same entries, so one of the two conflicts.
 * 3. After the last record the definition says that the index is ready, and queries begin to use it. When a record
 *    cannot be in the index, the definition says so instead, and what was built is given up.
 */
import { OrbitError, defined, type ErrorCode } from '@orbit-ts/base'
import { internalKeys, type KeyRange, type Transaction } from '@orbit-ts/storage'
import type { IndexBuilds, Model, ModelContext } from '../models/model.js'
import type { CatalogObject, ObjectKind } from './catalog-object.js'
import { statusOf, type IndexFailure, type IndexStatus, type Indexed } from './index-status.js'

/** Indexes that are being built, under the id of their object. */
export const BUILD_PREFIX = 'build/'

/** Bytes of records that one step reads, about. */
const STEP_SIZE_MAX_BYTES = 16 * 1024 * 1024
const CHUNK_SIZE = 256

/** Errors that a record is to blame for: another attempt would meet them again. */
const OF_RECORDS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNIQUE_VIOLATION',
  'LIMIT_EXCEEDED',
  'TYPE_MISMATCH',
  'KEY_TOO_LARGE',
  'VALUE_TOO_LARGE',
])

type AnyDefinition = Indexed
export type IndexedObject = CatalogObject<AnyDefinition>

interface Note {
  readonly kind: ObjectKind
  readonly name: string
  /** In the order in which they are built. */
  readonly indexes: readonly { readonly id: number; readonly after?: string }[]
}

/** What a step has found out of an index: undefined while there is more to do. */
export interface BuildOutcome {
  readonly kind: ObjectKind
  readonly name: string
  readonly objectId: number
  readonly indexId: number
  /** Undefined: the index is ready. */
  readonly status: IndexStatus | undefined
}

export type StepResult = 'more' | 'nothing' | BuildOutcome

export function buildTask(objectId: number): string {
  return BUILD_PREFIX + String(objectId)
}

/** True when the sources of the indexes hold at most `recordsMax` records each. */
export async function isSmall(
  storage: Transaction,
  builds: IndexBuilds<AnyDefinition>,
  object: IndexedObject,
  ids: readonly number[],
  recordsMax: number,
): Promise<boolean> {
  for (const id of ids) {
    let records = 0
    const options = { keysOnly: true, limit: recordsMax + 1 }
    for await (const chunk of storage.scan(builds.source(object, id), options)) records += chunk.length
    if (records > recordsMax) return false
  }
  return true
}

/** Fills an index in the transaction that adds it. */
export async function buildAtOnce(
  context: ModelContext,
  builds: IndexBuilds<AnyDefinition>,
  object: IndexedObject,
  id: number,
): Promise<void> {
  for await (const records of context.storage.scan(builds.source(object, id), { chunkSize: CHUNK_SIZE })) {
    await builds.add(context, object, id, records)
  }
}

/** Adds indexes to what is being built of an object. */
export async function noteBuild(
  storage: Transaction,
  { id: objectId, kind, name }: IndexedObject,
  ids: readonly number[],
): Promise<void> {
  const before = await readNote(storage, objectId)
  const indexes = [...(before?.indexes ?? []), ...ids.map((id) => ({ id }))]
  storage.put(noteKey(objectId), encode({ kind, name, indexes }))
}

export function forgetBuild(storage: Transaction, objectId: number): void {
  storage.delete(noteKey(objectId))
}

/** One step of the first index that is noted. */
export async function buildStep(
  context: ModelContext,
  modelOf: (kind: ObjectKind) => Model<never, AnyDefinition>,
  objectId: number,
  recordsMax: number,
): Promise<StepResult> {
  const { storage } = context
  const note = await readNote(storage, objectId)
  const [first] = note?.indexes ?? []
  if (note === undefined) return 'nothing'
  const model = modelOf(note.kind)
  const builds = defined(model.builds, 'the builder of indexes')
  if (first === undefined) {
    forgetBuild(storage, objectId)
    return 'nothing'
  }
  // It is there: dropping it takes the note away.
  const object = await context.objectForWrite(model, note.name)
  const { kind, name } = note
  const outcome = { kind, name, objectId, indexId: first.id }
  if (statusOf(object.definition, first.id)?.state !== 'building') {
    // Left out of the definition since.
    storage.put(noteKey(objectId), encode({ ...note, indexes: note.indexes.slice(1) }))
    return 'more'
  }
  const savepoint = storage.savepoint()
  try {
    const last = await addSome(context, builds, object, first, recordsMax)
    if (last === undefined) return { ...outcome, status: undefined }
    const moved = { id: first.id, after: Buffer.from(last).toString('hex') }
    storage.put(noteKey(objectId), encode({ ...note, indexes: [moved, ...note.indexes.slice(1)] }))
    return 'more'
  } catch (error) {
    if (!(error instanceof OrbitError) || !OF_RECORDS.has(error.code)) throw error
    storage.rollbackTo(savepoint)
    return { ...outcome, status: { state: 'invalid', failure: failureOf(error) } }
  }
}

/** The index is no longer to be built. */
export async function endBuild(storage: Transaction, objectId: number, indexId: number): Promise<void> {
  const note = await readNote(storage, objectId)
  const indexes = (note?.indexes ?? []).filter(({ id }) => id !== indexId)
  if (note === undefined || indexes.length === 0) forgetBuild(storage, objectId)
  else storage.put(noteKey(objectId), encode({ ...note, indexes }))
}

/** The error that a build ended with, for who asked for the index. */
export function failedBuild(index: string, { code, message, details }: IndexFailure): OrbitError {
  // The code of an error that `buildStep` caught.
  return new OrbitError(
    code as ErrorCode,
    `${message}; ${index} could not be built and is invalid: mend the data and apply the declaration again, or declare it without the index`,
    { ...details, state: 'invalid' },
  )
}

/** The key of the last record when there may be more. */
async function addSome(
  context: ModelContext,
  builds: IndexBuilds<AnyDefinition>,
  object: IndexedObject,
  { id, after }: Note['indexes'][number],
  recordsMax: number,
): Promise<Uint8Array | undefined> {
  const source = builds.source(object, id)
  const range: KeyRange =
    after === undefined ? source : { ...source, start: Buffer.from(`${after}00`, 'hex') }
  const chunkSize = Math.min(CHUNK_SIZE, recordsMax)
  let [read, size] = [0, 0]
  for await (const records of context.storage.scan(range, { limit: recordsMax, chunkSize })) {
    await builds.add(context, object, id, records)
    read += records.length
    for (const { value } of records) size += value.length
    if (read >= recordsMax || size >= STEP_SIZE_MAX_BYTES) return records.at(-1)?.key
  }
  return undefined
}

function failureOf({ code, reason, details }: OrbitError): IndexFailure {
  const plain = JSON.stringify(details, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  return { code, message: reason, details: JSON.parse(plain) as IndexFailure['details'] }
}

const noteKey = (objectId: number): Uint8Array => internalKeys.fact(buildTask(objectId))

const encode = (note: Note): Uint8Array => Buffer.from(JSON.stringify(note))

async function readNote(storage: Transaction, objectId: number): Promise<Note | undefined> {
  const stored = await storage.get(noteKey(objectId))
  return stored === undefined ? undefined : (JSON.parse(Buffer.from(stored).toString()) as Note)
}
