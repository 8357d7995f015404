/** The bytes of what cross-store transactions store. Every record begins with its format version. */
import { asBuffer, concatBytes, fromUtf8, OrbitError, toHex, utf8 } from '@orbit-ts/base'

const FORMAT = 1

/** What the decision log holds of a transaction. No record: aborted. */
export interface DecisionRecord {
  readonly id: string
  /** `Preparing`: not decided. `Committing`: decided to commit; not yet known to be applied everywhere. */
  readonly state: 'Preparing' | 'Committing'
  readonly participants: readonly string[]
  /** How long it may stay `Preparing`, milliseconds. */
  readonly timeoutMs: number
}

/** What a participant holds of a transaction that it has prepared. */
export interface PreparedRecord {
  readonly id: string
  /** The identity of the decision log that knows the outcome. */
  readonly log: string
  readonly timeoutMs: number
}

/** `lock`: nothing is written; the key must only stay as it is until the outcome. */
export type IntentKind = 'put' | 'delete' | 'lock'

export interface Intent {
  readonly id: string
  readonly kind: IntentKind
  /** Empty unless `put`. */
  readonly value: Uint8Array
}

const KINDS: readonly IntentKind[] = ['put', 'delete', 'lock']
const ID_BYTES = 16
const INTENT_HEAD_BYTES = 2 + ID_BYTES

/** How much smaller than the store's largest value a value must be so that its intent fits. */
export const INTENT_VALUE_EXTRA_BYTES = INTENT_HEAD_BYTES

export function encodeDecision({ state, participants, timeoutMs }: Omit<DecisionRecord, 'id'>): Uint8Array {
  return encodeJson({ state, participants, timeoutMs })
}

export function decodeDecision(id: string, bytes: Uint8Array): DecisionRecord {
  const { state, participants, timeoutMs } = decodeJson(bytes)
  if (
    (state !== 'Preparing' && state !== 'Committing') ||
    !Array.isArray(participants) ||
    !participants.every((name) => typeof name === 'string') ||
    typeof timeoutMs !== 'number'
  ) {
    throw corrupt(`the coordinator's record of transaction ${id}`)
  }
  return { id, state, participants, timeoutMs }
}

export function encodePrepared({ log, timeoutMs }: Omit<PreparedRecord, 'id'>): Uint8Array {
  return encodeJson({ log, timeoutMs })
}

export function decodePrepared(id: string, bytes: Uint8Array): PreparedRecord {
  const { log, timeoutMs } = decodeJson(bytes)
  if (typeof log !== 'string' || typeof timeoutMs !== 'number') throw corrupt(`prepared transaction ${id}`)
  return { id, log, timeoutMs }
}

export function encodeIntent({ id, kind, value }: Intent): Uint8Array {
  return concatBytes(Uint8Array.of(FORMAT, KINDS.indexOf(kind)), Buffer.from(id, 'hex'), value)
}

export function decodeIntent(bytes: Uint8Array): Intent {
  const kind = KINDS[bytes[1] ?? KINDS.length]
  checkFormat(bytes)
  if (kind === undefined || bytes.byteLength < INTENT_HEAD_BYTES) throw corrupt('an intent')
  return {
    id: toHex(bytes.subarray(2, INTENT_HEAD_BYTES)),
    kind,
    value: bytes.subarray(INTENT_HEAD_BYTES),
  }
}

/** Pieces of at most about `sizeMaxBytes`, at least one key each. */
export function* encodeKeyLists(keys: Iterable<Uint8Array>, sizeMaxBytes: number): Generator<Uint8Array> {
  let parts: Uint8Array[] = [Uint8Array.of(FORMAT)]
  let sizeBytes = 1
  for (const key of keys) {
    const partBytes = 4 + key.byteLength
    if (parts.length > 1 && sizeBytes + partBytes > sizeMaxBytes) {
      yield concatBytes(...parts)
      parts = [Uint8Array.of(FORMAT)]
      sizeBytes = 1
    }
    const length = Buffer.alloc(4)
    length.writeUInt32BE(key.byteLength)
    parts.push(length, key)
    sizeBytes += partBytes
  }
  if (parts.length > 1) yield concatBytes(...parts)
}

export function decodeKeyList(bytes: Uint8Array): Uint8Array[] {
  checkFormat(bytes)
  const buffer = asBuffer(bytes)
  const keys: Uint8Array[] = []
  for (let at = 1; at < buffer.byteLength;) {
    const end = at + 4 <= buffer.byteLength ? at + 4 + buffer.readUInt32BE(at) : Infinity
    if (end > buffer.byteLength) throw corrupt('a list of prepared keys')
    keys.push(buffer.subarray(at + 4, end))
    at = end
  }
  return keys
}

function encodeJson(value: object): Uint8Array {
  return concatBytes(Uint8Array.of(FORMAT), utf8(JSON.stringify(value)))
}

function decodeJson(bytes: Uint8Array): Record<string, unknown> {
  checkFormat(bytes)
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes.subarray(1)))
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // Reported below, as anything else that is no object.
  }
  throw corrupt('a record of a cross-store transaction')
}

function checkFormat(bytes: Uint8Array): void {
  if (bytes[0] === FORMAT) return
  throw new OrbitError(
    'RECORD_VERSION_UNSUPPORTED',
    `a record of a cross-store transaction has format ${bytes[0] ?? 'none'}, this release knows ${FORMAT}; open the store with the release that wrote it`,
  )
}

function corrupt(what: string): OrbitError {
  return new OrbitError('STORAGE_CORRUPT', `${what} cannot be read`)
}
