/**
 * Responses of the hot path, read field by field. The numbers are tags: the field's number times 8, plus 0 for a
 * varint or 2 for bytes. Byte fields are views of the response; what is rare (errors) goes to the generated decoders,
 * and execution details wait until they are read. The messages equal those of the generated decoders.
 *
 * Errors: `PROTOCOL_VIOLATION`.
 */
import { EMPTY_BYTES } from '@orbit-ts/base'
import { Error as RegionError } from '../../gen/errorpb.js'
import { KeyError } from '../../gen/kvrpcpb.js'
import type * as kv from '../../gen/kvrpcpb.js'
import { plainBytes } from '../plain-bytes.js'
import { LateExecDetails } from './late-exec-details.js'
import { WireReader } from './wire-reader.js'

export function decodeGetResponse(bytes: Uint8Array): kv.GetResponse {
  const reader = new WireReader(plainBytes(bytes))
  const message: kv.GetResponse = {
    regionError: undefined,
    error: undefined,
    value: EMPTY_BYTES,
    notFound: false,
    execDetailsV2: undefined,
    commitTs: 0n,
  }
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (tag === 10) message.regionError = regionError(reader)
    else if (tag === 18) message.error = keyError(reader)
    else if (tag === 26) message.value = reader.bytesValue()
    else if (tag === 32) message.notFound = reader.bool()
    else if (tag === 50) message.execDetailsV2 = execDetails(reader)
    else if (tag === 56) message.commitTs = reader.uint64()
    else reader.skip(tag)
  }
  return message
}

export function decodeBatchGetResponse(bytes: Uint8Array): kv.BatchGetResponse {
  const reader = new WireReader(plainBytes(bytes))
  const message: kv.BatchGetResponse = {
    regionError: undefined,
    pairs: [],
    execDetailsV2: undefined,
    error: undefined,
  }
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (tag === 18) message.pairs.push(pair(reader))
    else if (tag === 10) message.regionError = regionError(reader)
    else if (tag === 34) message.execDetailsV2 = execDetails(reader)
    else if (tag === 42) message.error = keyError(reader)
    else reader.skip(tag)
  }
  return message
}

export function decodeScanResponse(bytes: Uint8Array): kv.ScanResponse {
  const reader = new WireReader(plainBytes(bytes))
  const message: kv.ScanResponse = { regionError: undefined, pairs: [], error: undefined }
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (tag === 18) message.pairs.push(pair(reader))
    else if (tag === 10) message.regionError = regionError(reader)
    else if (tag === 26) message.error = keyError(reader)
    else reader.skip(tag)
  }
  return message
}

export function decodePrewriteResponse(bytes: Uint8Array): kv.PrewriteResponse {
  const reader = new WireReader(plainBytes(bytes))
  const message: kv.PrewriteResponse = {
    regionError: undefined,
    errors: [],
    minCommitTs: 0n,
    onePcCommitTs: 0n,
    execDetailsV2: undefined,
  }
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (tag === 10) message.regionError = regionError(reader)
    else if (tag === 18) message.errors.push(keyError(reader))
    else if (tag === 24) message.minCommitTs = reader.uint64()
    else if (tag === 32) message.onePcCommitTs = reader.uint64()
    else if (tag === 42) message.execDetailsV2 = execDetails(reader)
    else reader.skip(tag)
  }
  return message
}

export function decodeCommitResponse(bytes: Uint8Array): kv.CommitResponse {
  const reader = new WireReader(plainBytes(bytes))
  const message: kv.CommitResponse = {
    regionError: undefined,
    error: undefined,
    commitVersion: 0n,
    execDetailsV2: undefined,
  }
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (tag === 10) message.regionError = regionError(reader)
    else if (tag === 18) message.error = keyError(reader)
    else if (tag === 24) message.commitVersion = reader.uint64()
    else if (tag === 34) message.execDetailsV2 = execDetails(reader)
    else reader.skip(tag)
  }
  return message
}

export function decodePessimisticLockResponse(bytes: Uint8Array): kv.PessimisticLockResponse {
  const reader = new WireReader(plainBytes(bytes))
  const message: kv.PessimisticLockResponse = {
    regionError: undefined,
    errors: [],
    commitTs: 0n,
    value: EMPTY_BYTES,
    values: [],
    notFounds: [],
    execDetailsV2: undefined,
    results: [],
  }
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (tag === 10) message.regionError = regionError(reader)
    else if (tag === 18) message.errors.push(keyError(reader))
    else if (tag === 24) message.commitTs = reader.uint64()
    else if (tag === 34) message.value = reader.bytesValue()
    else if (tag === 42) message.values.push(reader.bytesValue())
    else if (tag === 48 || tag === 50) reader.boolList(tag, message.notFounds)
    else if (tag === 58) message.execDetailsV2 = execDetails(reader)
    else if (tag === 66) message.results.push(lockResult(reader))
    else reader.skip(tag)
  }
  return message
}

export function decodeRawGetResponse(bytes: Uint8Array): kv.RawGetResponse {
  const reader = new WireReader(plainBytes(bytes))
  const message: kv.RawGetResponse = {
    regionError: undefined,
    error: '',
    value: EMPTY_BYTES,
    notFound: false,
  }
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (tag === 26) message.value = reader.bytesValue()
    else if (tag === 10) message.regionError = regionError(reader)
    else if (tag === 18) message.error = reader.stringValue()
    else if (tag === 32) message.notFound = reader.bool()
    else reader.skip(tag)
  }
  return message
}

export function decodeRawPutResponse(bytes: Uint8Array): kv.RawPutResponse {
  const reader = new WireReader(plainBytes(bytes))
  const message: kv.RawPutResponse = { regionError: undefined, error: '' }
  for (const end = reader.bytes.length; reader.position < end;) {
    const tag = reader.tag()
    if (tag === 10) message.regionError = regionError(reader)
    else if (tag === 18) message.error = reader.stringValue()
    else reader.skip(tag)
  }
  return message
}

function pair(reader: WireReader): kv.KvPair {
  const message: kv.KvPair = { error: undefined, key: EMPTY_BYTES, value: EMPTY_BYTES, commitTs: 0n }
  const end = reader.end()
  while (reader.position < end) {
    const tag = reader.tag()
    if (tag === 18) message.key = reader.bytesValue()
    else if (tag === 26) message.value = reader.bytesValue()
    else if (tag === 32) message.commitTs = reader.uint64()
    else if (tag === 10) message.error = keyError(reader)
    else reader.skip(tag)
  }
  reader.close(end)
  return message
}

function lockResult(reader: WireReader): kv.PessimisticLockKeyResult {
  const message: kv.PessimisticLockKeyResult = {
    type: 0,
    value: EMPTY_BYTES,
    existence: false,
    lockedWithConflictTs: 0n,
    skipResolvingLock: false,
  }
  const end = reader.end()
  while (reader.position < end) {
    const tag = reader.tag()
    // A type that this version does not know stays the number that came.
    if (tag === 8) message.type = reader.int32() as kv.PessimisticLockKeyResultType
    else if (tag === 18) message.value = reader.bytesValue()
    else if (tag === 24) message.existence = reader.bool()
    else if (tag === 32) message.lockedWithConflictTs = reader.uint64()
    else if (tag === 88) message.skipResolvingLock = reader.bool()
    else reader.skip(tag)
  }
  reader.close(end)
  return message
}

const regionError = (reader: WireReader): RegionError => RegionError.decode(reader.bytesValue())

const keyError = (reader: WireReader): KeyError => KeyError.decode(reader.bytesValue())

function execDetails(reader: WireReader): LateExecDetails {
  const end = reader.end()
  const details = new LateExecDetails(reader.bytes, reader.position, end)
  reader.position = end
  return details
}
