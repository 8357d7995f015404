import type { Value } from './value.js'
import type { Env } from '@orbit-ts/base'

/**
 * What types and functions may ask about the session that they work for. Everything else comes in as arguments, so that
 * a function gives the same result wherever it runs.
 */
export interface ScalarContext {
  readonly env: Env
  /** Microseconds since 1970: what `now()` says for the whole transaction. */
  readonly transactionMicros: number
  /** Microseconds since 1970: when the statement began. */
  readonly statementMicros: number
  /** A setting of the session by its lower-case name: `timezone`, `datestyle`, `intervalstyle`, `bytea_output`, `extra_float_digits`… */
  setting(name: string): string
  readonly timeZone: ZoneRules
  /** `current_user`, `session_user`, `current_database()`, `current_schema`, `current_schemas`, `pg_backend_pid` and such. */
  readonly session: SessionFacts
  /** Names of catalog objects for `regclass`, `regtype` and the `pg_get_…` functions. */
  readonly names: NameLookup
}

/** The offsets of one time zone. */
export interface ZoneRules {
  readonly name: string
  /** Seconds east of UTC that hold at a moment, milliseconds since 1970, and the abbreviation shown for it. */
  at(ms: number): { readonly offsetSeconds: number; readonly abbreviation: string }
  /** The offset that holds at a local time: the later one where it occurs twice, the one before the gap where never. */
  atLocal(localMs: number): number
}

export interface SessionFacts {
  readonly user: string
  readonly sessionUser: string
  readonly database: string
  readonly processId: number
  readonly serverVersion: string
  /** The schemas that names are looked up in, in order, those that exist only. */
  readonly searchPath: readonly string[]
  /** A setting as SHOW writes it, with its unit. */
  shownSetting?(name: string): string
  /** Rows of a relation of the catalog that only the session knows of: `pg_settings`, `pg_stat_activity`, … */
  systemRows?(relation: string): Iterable<Readonly<Record<string, Value>>>
}

/** The catalog as the statement sees it, without waiting. */
export interface NameLookup {
  /** Undefined when there is no such object. `text` may be quoted and qualified. @throws `invalid_name` for bad syntax */
  oidOf(kind: RegKind, text: string): number | undefined
  /** Qualified where the search path makes it necessary, quoted where the name makes it. */
  nameOf(kind: RegKind, oid: number): string | undefined
}

/** What the types `regclass`, `regtype`, `regproc`, `regprocedure`, `regoper`, `regoperator`, `regnamespace`, `regrole` name. */
export type RegKind =
  'class' | 'type' | 'proc' | 'procedure' | 'operator' | 'operator with types' | 'namespace' | 'role'
