/**
 * A session of SQL, without any protocol: what the PostgreSQL server, the embedded API and tests talk to.
 *
 * Invariants:
 * 1. One statement runs at a time; a second call before the first result has been read to its end or closed is an
 *    error of the caller.
 * 2. Without BEGIN each statement is a transaction of its own, which has committed before its result says it is done.
 * 3. After an error in a transaction every statement but ROLLBACK, COMMIT and ROLLBACK TO fails with 25P02.
 */
import type { DataType } from '../../scalar/data-type.js'
import type { ErrorFields } from '../../scalar/condition.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import type { Row, Value } from '../../scalar/value.js'

/** A column of a result. */
export interface ResultColumn {
  readonly name: string
  readonly type: DataType
  /** `pg_class.oid` and the number (from 1) of the column it comes from unchanged; 0 for computed ones. */
  readonly tableOid: number
  readonly columnNumber: number
}

export type TransactionStatus = 'idle' | 'active' | 'failed'

export interface SqlSession extends AsyncDisposable {
  readonly transactionStatus: TransactionStatus
  /** For reading and writing values: time zone, date style and all. */
  readonly scalar: ScalarContext
  /** Unique in the server: what `pg_backend_pid()` gives, and a client names to cancel. */
  readonly processId: number
  /** By name: PREPARE and the protocol's Parse share them. */
  readonly prepared: Map<string, PreparedStatement>

  /** A type of the catalog by its OID, without modifier; undefined for 0 and for what does not exist. */
  typeByOid(oid: number): DataType | undefined

  /**
   * Takes the text of a query apart into statements; each has the text it was parsed from.
   * @throws syntax_error with its offset
   */
  parse(text: string): Promise<readonly ParsedStatement[]>

  /**
   * Looks up names and types. What the caller does not say of a parameter's type (undefined) is inferred.
   * A prepared statement stays good when the schema changes: it is prepared again by itself; it fails with
   * `cached plan must not change result type` (0A000) when its columns would change.
   */
  prepare(
    statement: ParsedStatement,
    parameterTypes: readonly (DataType | undefined)[],
  ): Promise<PreparedStatement>

  /**
   * Runs a statement. Rows are computed as they are read. Aborting `signal` fails it with query_canceled. One that was
   * not prepared may have no parameters; it is looked up and run in one go.
   */
  execute(
    statement: PreparedStatement | ParsedStatement,
    parameters: readonly Value[],
    options?: ExecuteOptions,
  ): Promise<StatementResult>

  /**
   * Begins the implicit transaction of a query of several statements, or of extended-protocol messages up to Sync:
   * they commit together with `endImplicit`, unless they say BEGIN themselves.
   */
  beginImplicit(): void
  /** Commits what `beginImplicit` opened, or rolls it back after an error. */
  endImplicit(): Promise<void>

  /** Those that clients are told when they connect. */
  reportedSettings(): readonly { readonly name: string; readonly value: string }[]
  /** By name, in any case. */
  setting(name: string): string
  /** Told of settings that clients are to know (`ParameterStatus`), of notices, and of NOTIFY. */
  onEvent(listener: (event: SessionEvent) => void): void

  /** The columns of a cursor that DECLARE opened: to a client it is a portal. */
  cursorColumns(name: string): readonly ResultColumn[] | undefined

  /** What the caller found wrong before a statement ran fails the transaction as the statement would have. */
  failTransaction(): Promise<void>

  /** Emits the notifications that have come; inside of a transaction they wait. To be called before ReadyForQuery. */
  deliverNotifications(): void

  /** Rolls back, drops what is temporary. Harmless when called again. */
  close(): Promise<void>
}

export type SessionEvent =
  | { readonly kind: 'setting'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'notice'
      readonly severity: 'DEBUG' | 'LOG' | 'INFO' | 'NOTICE' | 'WARNING'
      readonly sqlState: string
      readonly message: string
      readonly fields: ErrorFields
    }
  | {
      readonly kind: 'notification'
      readonly channel: string
      readonly payload: string
      readonly processId: number
    }
  /** Another session wants the statement, or the whole session, to end. */
  | { readonly kind: 'cancel' | 'terminate' }
  /** There are notifications: `deliverNotifications` is to be called as soon as the client may be told. */
  | { readonly kind: 'notified' }

export interface ParsedStatement {
  readonly text: string
  /** Where it begins in the text that was parsed, characters; error positions are relative to the whole. */
  readonly offset: number
  /** The parse tree, of no concern to callers. */
  readonly tree: unknown
}

export interface PreparedStatement {
  readonly statement: ParsedStatement
  readonly parameters: readonly DataType[]
  /** Undefined when it gives no rows. */
  readonly columns: readonly ResultColumn[] | undefined
  /** `SELECT`, `INSERT`, `CREATE TABLE`, …; empty for an empty query. */
  readonly tag: string
}

export interface ExecuteOptions {
  readonly signal?: AbortSignal
}

export type StatementResult =
  | {
      readonly kind: 'rows'
      readonly columns: readonly ResultColumn[]
      /** Non-empty batches; must be read to the end or returned (`return()`), which ends the statement. */
      readonly batches: AsyncIterable<Row[]>
      /** The command tag, known after the last batch: `SELECT 3`, `INSERT 0 1`. */
      tag(): string
      /** The client reads no further for now: what limits the time of the statement waits until `resume`. */
      suspend?(): void
      resume?(): void
    }
  | { readonly kind: 'command'; readonly tag: string }
  | { readonly kind: 'empty' }
  | CopyInResult
  | CopyOutResult

/** COPY … FROM STDIN: the caller hands over the bytes that the client sends. */
export interface CopyInResult {
  readonly kind: 'copy-in'
  readonly isBinary: boolean
  readonly columnCount: number
  /** Resolves when the bytes were taken: wait for it before sending more. */
  write(chunk: Uint8Array): Promise<void>
  /** Ends the input; gives the tag `COPY n`. */
  end(): Promise<string>
  /** The client gave up: nothing was copied. Fails with query_canceled naming the reason. */
  fail(reason: string): Promise<void>
}

/** COPY … TO STDOUT. */
export interface CopyOutResult {
  readonly kind: 'copy-out'
  readonly isBinary: boolean
  readonly columnCount: number
  /** Each of its parts is to be one message: a row, a header line; binary data begins and ends together with rows. */
  readonly chunks: AsyncIterable<readonly Uint8Array[]>
  tag(): string
}
