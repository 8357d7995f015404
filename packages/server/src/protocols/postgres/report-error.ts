import { OrbitError, type ErrorCode } from '@orbit-ts/base'

/** The SQLSTATE for errors of Orbit's own that carry none. */
const SQL_STATES = {
  INVALID_ARGUMENT: '22023',
  LIMIT_EXCEEDED: '54000',
  ABORTED: '57014',
  INTERNAL: 'XX000',
  CONFIG_INVALID: 'F0000',
  CONFIG_UNKNOWN_KEY: 'F0000',
  STORAGE_UNSUPPORTED: '0A000',
  STORAGE_UNAVAILABLE: '58000',
  STORAGE_CLOSED: '57P01',
  STORAGE_LOCKED: '55006',
  STORAGE_CORRUPT: 'XX001',
  STORAGE_IO: '58030',
  STORAGE_FULL: '53100',
  KEY_TOO_LARGE: '54000',
  VALUE_TOO_LARGE: '54000',
  TRANSACTION_CONFLICT: '40001',
  TRANSACTION_DEADLOCK: '40P01',
  TRANSACTION_TIMEOUT: '25P03',
  TRANSACTION_TOO_LARGE: '54000',
  TRANSACTION_CLOSED: '25P01',
  LOCK_TIMEOUT: '55P03',
  LOCK_NOT_AVAILABLE: '55P03',
  SNAPSHOT_TOO_OLD: '40001',
  COMMIT_UNDETERMINED: '40003',
  KEY_EXISTS: '23505',
  SCHEMA_INVALID: '42P16',
  SCHEMA_MISMATCH: '42P16',
  OBJECT_NOT_FOUND: '42P01',
  OBJECT_EXISTS: '42P07',
  RECORD_NOT_FOUND: 'P0002',
  RECORD_EXISTS: '23505',
  PRECONDITION_FAILED: '55000',
  TYPE_MISMATCH: '42804',
  NOT_NULL_VIOLATION: '23502',
  UNIQUE_VIOLATION: '23505',
  CHECK_VIOLATION: '23514',
  FOREIGN_KEY_VIOLATION: '23503',
  DANGLING_EDGE: '23503',
  NODE_HAS_EDGES: '23503',
  DIMENSION_MISMATCH: '22000',
  RECORD_VERSION_UNSUPPORTED: 'XX001',
  LEASE_CONFLICT: '55000',
  LEASE_FENCED: '55000',
  CLIENT_CLOSED: '57P01',
  RPC_FAILED: '58000',
  RPC_TIMEOUT: '58000',
  RPC_TLS: '58000',
  PROTOCOL_VIOLATION: '08P01',
  PD_UNAVAILABLE: '58000',
  PD_REFUSED: '58000',
  STORE_REFUSED: '58000',
  PD_CLUSTER_MISMATCH: '58000',
  TSO_FALLBACK: 'XX000',
  KEYSPACE_UNAVAILABLE: '58000',
  API_VERSION_MISMATCH: '58000',
  REGION_UNAVAILABLE: '58000',
  STORE_UNAVAILABLE: '58000',
  SERVER_BUSY: '53000',
  RAFT_ENTRY_TOO_LARGE: '54000',
  FLASHBACK_IN_PROGRESS: '55000',
  TRANSACTION_ABORTED: '40001',
  ASSERTION_FAILED: '40001',
  UNAUTHENTICATED: '28000',
  HOST_NOT_ALLOWED: '28000',
  NOT_FOUND: '42704',
  METHOD_NOT_ALLOWED: '0A000',
  MEDIA_TYPE_UNSUPPORTED: '0A000',
  REQUEST_TOO_LARGE: '54000',
  SERVER_CLOSING: '57P01',
  IMPORT_FAILED: '22P04',
  QUERY_INVALID: '42000',
  VALUE_INVALID: '22000',
  FEATURE_UNSUPPORTED: '0A000',
  PERMISSION_DENIED: '42501',
} as const satisfies Record<ErrorCode, string>

/** As PostgreSQL words them: programs look for the words. */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  TRANSACTION_CONFLICT: 'could not serialize access due to concurrent update',
  TRANSACTION_DEADLOCK: 'deadlock detected',
  LOCK_TIMEOUT: 'canceling statement due to lock timeout',
}

export type Severity = 'ERROR' | 'FATAL' | 'DEBUG' | 'LOG' | 'INFO' | 'NOTICE' | 'WARNING'

/** The fields of an ErrorResponse or NoticeResponse, by their codes. */
export function* errorFields(
  error: unknown,
  severity: Severity,
): Generator<readonly [code: string, value: string]> {
  const known = OrbitError.from(error)
  const { details } = known
  const given = (name: string): string | undefined => {
    const value = details[name]
    return typeof value === 'string' ? value : undefined
  }
  const sqlState = given('sqlState')
  const message = sqlState === undefined ? MESSAGES[known.code] : undefined
  yield ['S', severity]
  yield ['V', severity]
  yield ['C', sqlState ?? SQL_STATES[known.code]]
  yield ['M', message ?? known.reason]
  const detail = given('detail') ?? (message === undefined ? undefined : known.reason)
  if (detail !== undefined) yield ['D', detail]
  const offset = details['offset']
  if (typeof offset === 'number') yield ['P', String(offset + 1)]
  for (const [name, code] of FIELDS) {
    const value = given(name)
    if (value !== undefined) yield [code, value]
  }
}

const FIELDS = [
  ['hint', 'H'],
  ['context', 'W'],
  ['schema', 's'],
  ['table', 't'],
  ['column', 'c'],
  ['dataType', 'd'],
  ['constraint', 'n'],
] as const

export function sqlStateOf(error: unknown): string {
  const known = OrbitError.from(error)
  const given = known.details['sqlState']
  return typeof given === 'string' ? given : SQL_STATES[known.code]
}
