/**
 * Requests of the hot path, written field by field. The numbers are tags: the field's number times 8, plus 0 for a
 * varint or 2 for bytes. The bytes equal those of the generated encoders.
 */
import type * as kv from '../../gen/kvrpcpb.js'
import { writeContext } from './context-codec.js'
import { WireWriter } from './wire-writer.js'

/** Encoding never waits, so one buffer serves all. */
const writer = new WireWriter()

export function encodeGetRequest(request: kv.GetRequest): Uint8Array {
  writer.start()
  writeContext(writer, request.context)
  writer.bytesField(18, request.key)
  writer.uint64Field(24, request.version)
  writer.boolField(32, request.needCommitTs)
  return writer.finish()
}

export function encodeBatchGetRequest(request: kv.BatchGetRequest): Uint8Array {
  writer.start()
  writeContext(writer, request.context)
  for (const key of request.keys) writer.bytesItem(18, key)
  writer.uint64Field(24, request.version)
  writer.boolField(32, request.needCommitTs)
  return writer.finish()
}

export function encodeScanRequest(request: kv.ScanRequest): Uint8Array {
  writer.start()
  writeContext(writer, request.context)
  writer.bytesField(18, request.startKey)
  writer.uint32Field(24, request.limit)
  writer.uint64Field(32, request.version)
  writer.boolField(40, request.keyOnly)
  writer.boolField(48, request.reverse)
  writer.bytesField(58, request.endKey)
  writer.uint32Field(64, request.sampleStep)
  return writer.finish()
}

export function encodePrewriteRequest(request: kv.PrewriteRequest): Uint8Array {
  writer.start()
  writeContext(writer, request.context)
  for (const mutation of request.mutations) writeMutation(mutation)
  writer.bytesField(26, request.primaryLock)
  writer.uint64Field(32, request.startVersion)
  writer.uint64Field(40, request.lockTtl)
  writer.boolField(48, request.skipConstraintCheck)
  writer.uint32ListField(58, request.pessimisticActions)
  writer.uint64Field(64, request.txnSize)
  writer.uint64Field(72, request.forUpdateTs)
  writer.uint64Field(80, request.minCommitTs)
  writer.boolField(88, request.useAsyncCommit)
  for (const key of request.secondaries) writer.bytesItem(98, key)
  writer.boolField(104, request.tryOnePc)
  writer.uint64Field(112, request.maxCommitTs)
  writer.uint32Field(120, request.assertionLevel)
  for (const constraint of request.forUpdateTsConstraints) writeConstraint(constraint)
  writer.uint64ListField(802, request.txnFileChunks)
  return writer.finish()
}

export function encodeCommitRequest(request: kv.CommitRequest): Uint8Array {
  writer.start()
  writeContext(writer, request.context)
  writer.uint64Field(16, request.startVersion)
  for (const key of request.keys) writer.bytesItem(26, key)
  writer.uint64Field(32, request.commitVersion)
  writer.uint32Field(48, request.commitRole)
  writer.bytesField(58, request.primaryKey)
  writer.boolField(64, request.useAsyncCommit)
  writer.boolField(800, request.isTxnFile)
  return writer.finish()
}

export function encodePessimisticLockRequest(request: kv.PessimisticLockRequest): Uint8Array {
  writer.start()
  writeContext(writer, request.context)
  for (const mutation of request.mutations) writeMutation(mutation)
  writer.bytesField(26, request.primaryLock)
  writer.uint64Field(32, request.startVersion)
  writer.uint64Field(40, request.lockTtl)
  writer.uint64Field(48, request.forUpdateTs)
  writer.boolField(56, request.isFirstLock)
  writer.int64Field(64, request.waitTimeout)
  writer.boolField(72, request.force)
  writer.boolField(80, request.returnValues)
  writer.uint64Field(88, request.minCommitTs)
  writer.boolField(96, request.checkExistence)
  writer.boolField(104, request.lockOnlyIfExists)
  writer.uint32Field(112, request.wakeUpMode)
  return writer.finish()
}

export function encodeRawGetRequest(request: kv.RawGetRequest): Uint8Array {
  writer.start()
  writeContext(writer, request.context)
  writer.bytesField(18, request.key)
  writer.stringField(26, request.cf)
  return writer.finish()
}

export function encodeRawPutRequest(request: kv.RawPutRequest): Uint8Array {
  writer.start()
  writeContext(writer, request.context)
  writer.bytesField(18, request.key)
  writer.bytesField(26, request.value)
  writer.stringField(34, request.cf)
  writer.uint64Field(40, request.ttl)
  writer.boolField(48, request.forCas)
  return writer.finish()
}

function writeMutation(mutation: kv.Mutation): void {
  const at = writer.open(18)
  writer.uint32Field(8, mutation.op)
  writer.bytesField(18, mutation.key)
  writer.bytesField(26, mutation.value)
  writer.uint32Field(32, mutation.assertion)
  writer.close(at)
}

function writeConstraint(constraint: kv.PrewriteRequest_ForUpdateTSConstraint): void {
  const at = writer.open(130)
  writer.uint32Field(8, constraint.index)
  writer.uint64Field(16, constraint.expectedForUpdateTs)
  writer.close(at)
}
