import { isUint8Array } from 'node:util/types'
import { OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import type { KeyRange } from '../key-range.js'
import { RAW_SCAN_LIMIT } from './raw-options.js'

const TTL_MAX_SECONDS = 2 ** 53 - 1
const COLUMN_FAMILIES: readonly string[] = ['default', 'lock', 'write']

/** What the server would refuse later, or worse take: found before anything is sent. */
export class RawChecks {
  readonly #core: ClientCore

  constructor(core: ClientCore) {
    this.#core = core
  }

  key(key: Uint8Array): void {
    bytes('key', key)
    if (key.length === 0) throw refused('key', '(0 bytes)', 'is empty; TiKV has no empty key')
    const { keyBytesMax } = this.#core.config
    if (key.length > keyBytesMax) {
      throw new OrbitError(
        'KEY_TOO_LARGE',
        `a key has ${key.length} bytes; the limit is ${keyBytesMax} (keyBytesMax)`,
        { sizeBytes: key.length, limit: keyBytesMax },
      )
    }
  }

  entry(key: Uint8Array, value: Uint8Array): void {
    this.key(key)
    bytes('value', value)
    const { entryBytesMax } = this.#core.config
    if (key.length + value.length > entryBytesMax) {
      throw new OrbitError(
        'VALUE_TOO_LARGE',
        `key and value have ${key.length + value.length} bytes; the limit is ${entryBytesMax} (entryBytesMax)`,
        { sizeBytes: key.length + value.length, limit: entryBytesMax },
      )
    }
  }

  /** As the request has it: 0 is for ever. */
  ttl(ttlSeconds: number | undefined): bigint {
    if (ttlSeconds === undefined) return 0n
    if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > TTL_MAX_SECONDS) {
      throw refused(
        'ttlSeconds',
        ttlSeconds,
        'is not a whole number of seconds of at least 1; leave it out for ever',
      )
    }
    if (this.#core.config.apiVersion === 'v1') {
      throw new OrbitError(
        'API_VERSION_MISMATCH',
        'ttlSeconds needs a cluster with API V1TTL or V2; connect with apiVersion "v1ttl" or "v2" when yours has it',
        { field: 'ttlSeconds', apiVersion: 'v1' },
      )
    }
    return BigInt(ttlSeconds)
  }

  limit(limit: number): void {
    if (!Number.isInteger(limit) || limit < 1 || limit > RAW_SCAN_LIMIT) {
      throw refused('limit', limit, `is not between 1 and ${RAW_SCAN_LIMIT}; use entries() for more`)
    }
  }

  /** @throws `INVALID_ARGUMENT`, `API_VERSION_MISMATCH` (API V2 has no column families) */
  columnFamily(name: string): void {
    if (!COLUMN_FAMILIES.includes(name)) {
      throw refused('columnFamily', JSON.stringify(name), `is none of ${COLUMN_FAMILIES.join(', ')}`)
    }
    if (this.#core.config.apiVersion === 'v2') {
      throw new OrbitError(
        'API_VERSION_MISMATCH',
        'raw keys of API V2 have no column families; leave the column family out',
        { field: 'columnFamily', value: name, apiVersion: 'v2' },
      )
    }
  }

  /** False for a range without keys. */
  range({ start, end }: KeyRange): boolean {
    bytes('range.start', start)
    bytes('range.end', end)
    return end.length === 0 || Buffer.compare(start, end) < 0
  }
}

function bytes(field: string, value: Uint8Array): void {
  if (!isUint8Array(value)) throw refused(field, typeof value, 'is not a Uint8Array')
}

const refused = (field: string, value: unknown, why: string): OrbitError =>
  new OrbitError('INVALID_ARGUMENT', `${field}: ${String(value)} ${why}`, { field, value })
