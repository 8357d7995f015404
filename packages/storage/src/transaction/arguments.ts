/** Checks of what callers pass in: one message per mistake, before anything is changed. */
import { OrbitError, didYouMean, toHex } from '@orbit-ts/base'
import type {
  KeyRange,
  LockOptions,
  ScanOptions,
  TransactionOptions,
  WriteBatch,
  WriteOptions,
} from '../provider.js'
import { isVersionKey } from './version-key.js'
import type { EngineLimits } from './local-engine.js'

const ISOLATION_LEVELS: readonly string[] = ['read-committed', 'snapshot', 'serializable']
const MODES: readonly string[] = ['optimistic', 'pessimistic']
const DURABILITIES: readonly string[] = ['sync', 'os']

export function checkKey(key: unknown, limits: EngineLimits): asserts key is Uint8Array {
  if (!(key instanceof Uint8Array)) throw notBytes('key', key)
  if (key[0] === 0xff && isVersionKey(key)) {
    throw new OrbitError('INVALID_ARGUMENT', `key ${toHex(key)} is reserved for the store's own version`)
  }
  if (key.byteLength > limits.keySizeMaxBytes) {
    throw new OrbitError(
      'KEY_TOO_LARGE',
      `key ${toHex(key, 16)} has ${key.byteLength} bytes; at most ${limits.keySizeMaxBytes} are accepted`,
      { sizeBytes: key.byteLength, sizeMaxBytes: limits.keySizeMaxBytes },
    )
  }
}

export function checkValue(value: unknown, limits: EngineLimits): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw notBytes('value', value)
  if (value.byteLength > limits.valueSizeMaxBytes) {
    throw new OrbitError(
      'VALUE_TOO_LARGE',
      `the value has ${value.byteLength} bytes; at most ${limits.valueSizeMaxBytes} are accepted`,
      { sizeBytes: value.byteLength, sizeMaxBytes: limits.valueSizeMaxBytes },
    )
  }
}

export function checkKeys(keys: unknown, limits: EngineLimits): asserts keys is readonly Uint8Array[] {
  if (!Array.isArray(keys))
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `keys: an array of byte strings is expected, got ${kindOf(keys)}`,
    )
  for (const key of keys as unknown[]) checkKey(key, limits)
}

/** Range bounds need not be storable keys, so their length is not limited. */
export function checkRange(range: KeyRange): void {
  if (typeof range !== 'object' || range === null) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `range: an object with start and end is expected, got ${kindOf(range)}`,
    )
  }
  if (range.start !== undefined && !(range.start instanceof Uint8Array))
    throw notBytes('range.start', range.start)
  if (range.end !== undefined && !(range.end instanceof Uint8Array)) throw notBytes('range.end', range.end)
}

/** The shape of a blind batch; its keys and values are checked as they are buffered. */
export function checkBatch(batch: unknown): asserts batch is WriteBatch {
  if (!Array.isArray(batch)) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `batch: an array of operations is expected, got ${kindOf(batch)}`,
    )
  }
  for (let index = 0; index < batch.length; index++) {
    const operation: unknown = batch[index]
    const type: unknown =
      typeof operation === 'object' && operation !== null && 'type' in operation ? operation.type : undefined
    if (type === 'put' || type === 'delete') continue
    const found = JSON.stringify(type) ?? kindOf(operation)
    throw new OrbitError('INVALID_ARGUMENT', `batch[${index}].type: ${found} is not one of put, delete`, {
      field: `batch[${index}].type`,
    })
  }
}

export function checkScanOptions(options: ScanOptions): void {
  checkNumber('limit', options.limit, 0, true)
  checkNumber('chunkSize', options.chunkSize, 1, true)
  if (options.keysOnly === true && options.valuesOnly === true) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      'keysOnly and valuesOnly leave nothing of an entry; set one of them, and for a count keysOnly',
      { field: 'valuesOnly' },
    )
  }
}

export function checkTransactionOptions(options: TransactionOptions): void {
  checkChoice('isolation', options.isolation, ISOLATION_LEVELS)
  checkChoice('mode', options.mode, MODES)
  checkChoice('durability', options.durability, DURABILITIES)
  checkNumber('timeoutMs', options.timeoutMs, 1, false)
  checkNumber('lockWaitMs', options.lockWaitMs, 0, false)
}

export function checkWriteOptions(options: WriteOptions): void {
  checkChoice('durability', options.durability, DURABILITIES)
}

/** The wait in milliseconds. */
export function lockWaitOf(options: LockOptions, defaultMs: number): number {
  const wait = options.wait ?? 'default'
  if (wait === 'default') return defaultMs
  if (wait === 'nowait') return 0
  checkNumber('wait', wait, 0, false)
  return wait
}

export function checkChoice(field: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || (typeof value === 'string' && choices.includes(value))) return
  const hint = typeof value === 'string' ? didYouMean(value, choices) : ''
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field}: ${JSON.stringify(value) ?? kindOf(value)} is not one of ${choices.join(', ')}${hint}`,
    { field },
  )
}

export function checkNumber(field: string, value: unknown, min: number, whole: boolean): void {
  if (value === undefined) return
  const valid =
    typeof value === 'number' &&
    value >= min &&
    (whole ? Number.isInteger(value) || value === Infinity : !Number.isNaN(value))
  if (valid) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field}: ${typeof value === 'number' ? value : kindOf(value)} is not a ${whole ? 'whole ' : ''}number of at least ${min}`,
    { field },
  )
}

function notBytes(field: string, value: unknown): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `${field}: a Uint8Array is expected, got ${kindOf(value)}`, {
    field,
  })
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
}

/** @throws ABORTED, with the signal's reason as cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new OrbitError('ABORTED', 'the call was aborted by its signal', {}, { cause: signal.reason })
}
