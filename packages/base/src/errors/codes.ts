/**
 * What a caller may do after an error.
 * - `never`: the same call fails again.
 * - `safe`: nothing was changed; the whole unit of work may run again.
 * - `undetermined`: the work may or may not have happened; find out before you repeat it.
 */
export type Retry = 'never' | 'safe' | 'undetermined'

interface CodeRow {
  readonly retry: Retry
  /** The status the HTTP API answers with. */
  readonly http: number
  readonly description: string
}

const row = (retry: Retry, http: number, description: string): CodeRow => ({ retry, http, description })

/** Every error code of Orbit. `docs/reference/errors.md` is generated from this table. */
export const ERROR_CODES = {
  // Arguments and calls
  INVALID_ARGUMENT: row(
    'never',
    400,
    'An argument has the wrong type, shape or value; the message names the field, the value and what is accepted.',
  ),
  LIMIT_EXCEEDED: row(
    'never',
    413,
    'A configured limit was passed; the message names the limit and its setting.',
  ),
  ABORTED: row('safe', 499, "The caller's AbortSignal ended the call before it took effect."),
  INTERNAL: row('never', 500, 'A bug in Orbit: an invariant does not hold.'),

  // Configuration
  CONFIG_INVALID: row('never', 400, 'A configuration value is missing, of the wrong type or out of range.'),
  CONFIG_UNKNOWN_KEY: row(
    'never',
    400,
    'A configuration key does not exist; the message names the nearest one that does.',
  ),

  // Storage
  STORAGE_UNSUPPORTED: row(
    'never',
    501,
    'The provider does not have the capability or cannot honour the option that was asked for.',
  ),
  STORAGE_UNAVAILABLE: row(
    'safe',
    503,
    'The provider cannot be reached, or its native binding is not installed for this platform.',
  ),
  STORAGE_CLOSED: row('never', 503, 'The store was closed, or it failed and must be opened again.'),
  STORAGE_LOCKED: row(
    'never',
    409,
    'Another process, or another handle of this one, has the data directory open.',
  ),
  STORAGE_CORRUPT: row('never', 500, 'Stored data is damaged, truncated or not of this engine.'),
  STORAGE_IO: row('never', 500, 'The operating system or the engine refused a read or a write.'),
  STORAGE_FULL: row('never', 507, 'The store, its map, its entry limit or the disk has no room left.'),
  KEY_TOO_LARGE: row('never', 400, 'A key is longer than the provider accepts.'),
  VALUE_TOO_LARGE: row('never', 413, 'A value is larger than the provider accepts.'),

  // Transactions
  TRANSACTION_CONFLICT: row(
    'safe',
    409,
    'Another transaction committed a change to what this one read or wrote.',
  ),
  TRANSACTION_DEADLOCK: row(
    'safe',
    409,
    'Transactions wait for each other; this one was chosen to give way. The details hold the cycle.',
  ),
  TRANSACTION_TIMEOUT: row('safe', 408, 'The transaction lived longer than its timeout and was rolled back.'),
  TRANSACTION_TOO_LARGE: row('never', 413, 'The transaction wrote or read more than its limits allow.'),
  TRANSACTION_CLOSED: row('never', 409, 'The transaction was already committed or rolled back.'),
  LOCK_TIMEOUT: row('safe', 408, 'A lock was not granted within the wait that was asked for.'),
  LOCK_NOT_AVAILABLE: row('safe', 409, 'A lock is held by another transaction and no wait was asked for.'),
  SNAPSHOT_TOO_OLD: row(
    'safe',
    409,
    'The versions that this snapshot needs were dropped, to keep memory bounded or by garbage collection.',
  ),
  COMMIT_UNDETERMINED: row(
    'undetermined',
    500,
    'The store failed or was cut off while the commit was being written; it may or may not have taken effect.',
  ),
  KEY_EXISTS: row('never', 409, 'An insert found its key already present.'),

  // Catalog and constraints
  SCHEMA_INVALID: row(
    'never',
    400,
    'A definition of a table, collection, graph, vector collection or series is not valid.',
  ),
  SCHEMA_MISMATCH: row(
    'never',
    409,
    'A definition in the program differs from the stored one in a way that cannot be applied.',
  ),
  OBJECT_NOT_FOUND: row('never', 404, 'No object of this kind and name exists in the catalog.'),
  OBJECT_EXISTS: row('never', 409, 'An object of this kind and name exists already.'),
  RECORD_NOT_FOUND: row('never', 404, 'The row, document, node, edge, vector or point does not exist.'),
  RECORD_EXISTS: row('never', 409, 'A record with this primary key or id exists already.'),
  PRECONDITION_FAILED: row(
    'never',
    412,
    'What the caller made a condition does not hold: the record has another revision, or a `test` of a patch failed.',
  ),
  TYPE_MISMATCH: row('never', 400, 'A value is not of the type of its column, property or field.'),
  NOT_NULL_VIOLATION: row('never', 400, 'A column that is NOT NULL got no value.'),
  UNIQUE_VIOLATION: row('never', 409, 'A unique index has this key already.'),
  CHECK_VIOLATION: row('never', 400, 'A CHECK constraint does not hold.'),
  FOREIGN_KEY_VIOLATION: row(
    'never',
    409,
    'A foreign key names a row that does not exist, or a row that is still referenced would go.',
  ),
  DANGLING_EDGE: row('never', 409, 'An edge names a node that does not exist.'),
  NODE_HAS_EDGES: row('never', 409, 'A node with edges can only be deleted with `detach`.'),
  DIMENSION_MISMATCH: row('never', 400, 'A vector does not have the dimension of its collection.'),
  RECORD_VERSION_UNSUPPORTED: row(
    'never',
    500,
    'A stored record has a format version that this release does not know.',
  ),

  // Queries
  QUERY_INVALID: row(
    'never',
    400,
    'A query cannot be understood or run as it is: its syntax, a name, a type or the state of the session. The details hold its SQLSTATE.',
  ),
  VALUE_INVALID: row(
    'never',
    400,
    'A value cannot be read, converted or computed: a bad text form, an overflow, a division by zero. The details hold its SQLSTATE.',
  ),
  FEATURE_UNSUPPORTED: row(
    'never',
    501,
    'The query language has this feature, Orbit does not; the message names it.',
  ),
  PERMISSION_DENIED: row('never', 403, 'The role has no privilege to do this to that object.'),

  // Directory and membership
  LEASE_CONFLICT: row('never', 409, 'The lease in effect is not the one the caller named.'),
  LEASE_FENCED: row(
    'never',
    409,
    'The fencing epoch is older than the one in effect: another holder took over.',
  ),

  // TiKV client
  CLIENT_CLOSED: row('never', 503, 'The client was closed.'),
  RPC_FAILED: row(
    'safe',
    503,
    'A call to a server failed in transport; the details hold its gRPC status and address.',
  ),
  RPC_TIMEOUT: row('safe', 504, 'A call to a server was not answered within its deadline.'),
  RPC_TLS: row(
    'never',
    503,
    'The TLS connection to a server was refused: a certificate is not trusted, has expired or is of another name.',
  ),
  PROTOCOL_VIOLATION: row('never', 502, 'A server sent what its protocol does not allow.'),
  PD_UNAVAILABLE: row('safe', 503, 'No member of PD answered, or PD has no leader.'),
  PD_REFUSED: row('never', 502, 'PD refused a request; the details hold its own message.'),
  STORE_REFUSED: row('never', 502, 'A TiKV server refused a request; the details hold its own message.'),
  PD_CLUSTER_MISMATCH: row('never', 409, 'The addresses of PD belong to different clusters.'),
  TSO_FALLBACK: row('never', 500, 'PD gave a timestamp that is not larger than one it gave before.'),
  KEYSPACE_UNAVAILABLE: row('never', 404, 'The keyspace does not exist or is not enabled.'),
  API_VERSION_MISMATCH: row(
    'never',
    409,
    'The cluster stores keys under another API version than the client uses.',
  ),
  REGION_UNAVAILABLE: row(
    'safe',
    503,
    'A region could not be found or could not serve within the retry budget.',
  ),
  STORE_UNAVAILABLE: row('safe', 503, 'A TiKV server did not answer within the retry budget.'),
  SERVER_BUSY: row('safe', 503, 'A TiKV server, or the queue for it, is too busy to take the request.'),
  RAFT_ENTRY_TOO_LARGE: row('never', 413, 'One write was larger than the servers replicate at once.'),
  FLASHBACK_IN_PROGRESS: row('never', 409, 'The keys are being flashed back to an earlier time.'),
  TRANSACTION_ABORTED: row(
    'safe',
    409,
    'The servers aborted the transaction or rolled it back; it changed nothing.',
  ),
  ASSERTION_FAILED: row('never', 409, 'An assertion about the existence of a key did not hold at commit.'),

  // Server and command line
  UNAUTHENTICATED: row('never', 401, 'No bearer token, or one that is not known.'),
  HOST_NOT_ALLOWED: row(
    'never',
    403,
    'A server without tokens was asked under a name, or from a web page, of another machine.',
  ),
  NOT_FOUND: row('never', 404, 'No such path.'),
  METHOD_NOT_ALLOWED: row(
    'never',
    405,
    'The path exists, but not with this method; the details name those it has.',
  ),
  MEDIA_TYPE_UNSUPPORTED: row(
    'never',
    415,
    'The content type of the request body is not one that the path takes.',
  ),
  REQUEST_TOO_LARGE: row('never', 413, 'The request body is larger than the server accepts.'),
  SERVER_CLOSING: row('safe', 503, 'The server is shutting down and takes no new work.'),
  IMPORT_FAILED: row(
    'never',
    400,
    'Lines of an input file were refused; nothing of it, or only what the message says, was loaded.',
  ),
} as const satisfies Record<string, CodeRow>

export type ErrorCode = keyof typeof ERROR_CODES
