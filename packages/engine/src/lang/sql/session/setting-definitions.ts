/**
 * The settings of a session that SET and SHOW know, with PostgreSQL's names, values and units. Those that do nothing
 * here are there because clients set them when they connect; each says so in SHOW only by its value.
 */
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import { SETTINGS_WITHOUT_EFFECT } from './settings-without-effect.js'

export type SettingUnit = 'ms' | 's' | 'min' | 'B' | 'kB' | '8kB' | 'MB'

interface Base {
  /** As SHOW ALL spells it. Looked up without regard to case. */
  readonly name: string
  readonly default: string
  readonly description: string
  /** Clients are told its value when they connect and when it changes. */
  readonly isReported?: boolean
  /** `internal`: SHOW only. `start`: decided when the server started. */
  readonly context?: 'internal' | 'start'
}

export type SettingDefinition = Base &
  (
    | { readonly kind: 'bool' | 'string' }
    | { readonly kind: 'enum'; readonly values: readonly string[] }
    | {
        readonly kind: 'integer' | 'real'
        readonly min: number
        readonly max: number
        /** What a bare number counts. */
        readonly unit?: SettingUnit
      }
  )

const INT_MAX = 2_147_483_647

export const SERVER_VERSION = '15.8'

const bool = (name: string, value: 'on' | 'off', description: string): SettingDefinition => ({
  kind: 'bool',
  name,
  default: value,
  description,
})
const text = (name: string, value: string, description: string): SettingDefinition => ({
  kind: 'string',
  name,
  default: value,
  description,
})
const choice = (
  name: string,
  value: string,
  values: readonly string[],
  description: string,
): SettingDefinition => ({ kind: 'enum', name, default: value, values, description })
const milliseconds = (name: string, value: string, description: string): SettingDefinition => ({
  kind: 'integer',
  name,
  default: value,
  min: 0,
  max: INT_MAX,
  unit: 'ms',
  description,
})
const kilobytes = (name: string, value: string, min: number, description: string): SettingDefinition => ({
  kind: 'integer',
  name,
  default: value,
  min,
  max: INT_MAX,
  unit: 'kB',
  description,
})
const real = (name: string, value: string, description: string): SettingDefinition => ({
  kind: 'real',
  name,
  default: value,
  min: 0,
  max: Number.MAX_VALUE,
  description,
})
const internal = (definition: SettingDefinition): SettingDefinition => ({
  ...definition,
  context: 'internal',
})
const start = (definition: SettingDefinition): SettingDefinition => ({ ...definition, context: 'start' })
const reported = (definition: SettingDefinition): SettingDefinition => ({ ...definition, isReported: true })
const number = (
  name: string,
  value: string,
  min: number,
  max: number,
  description: string,
): SettingDefinition => ({ kind: 'integer', name, default: value, min, max, description })

const ISOLATION_LEVELS = ['serializable', 'repeatable read', 'read committed', 'read uncommitted']
const MESSAGE_LEVELS = ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error']

/** What the planner may use; see `OptimizerOptions.disabled`. */
export const PLANNER_SWITCHES = [
  'enable_bitmapscan',
  'enable_hashagg',
  'enable_hashjoin',
  'enable_incremental_sort',
  'enable_indexonlyscan',
  'enable_indexscan',
  'enable_material',
  'enable_memoize',
  'enable_mergejoin',
  'enable_nestloop',
  'enable_seqscan',
  'enable_sort',
  'enable_tidscan',
  'enable_parallel_append',
  'enable_parallel_hash',
  'enable_partition_pruning',
  'enable_partitionwise_aggregate',
  'enable_partitionwise_join',
] as const

/** Whether work is handed down to the store; see `OptimizerOptions.pushdown`. */
export const PUSHDOWN = 'orbit.pushdown'

export const SETTING_DEFINITIONS: readonly SettingDefinition[] = [
  reported(text('application_name', '', 'What the client calls itself.')),
  bool('array_nulls', 'on', 'NULL in the text of an array is a null.'),
  choice(
    'backslash_quote',
    'safe_encoding',
    ['safe_encoding', 'on', 'off'],
    "Whether \\' is taken in literals.",
  ),
  choice('bytea_output', 'hex', ['hex', 'escape'], 'The text form of bytea.'),
  bool('check_function_bodies', 'on', 'Bodies of functions are checked when they are created.'),
  reported(text('client_encoding', 'UTF8', 'The encoding of what the client sends and gets.')),
  choice('client_min_messages', 'notice', MESSAGE_LEVELS, 'The least notice that the client is sent.'),
  internal(text('data_directory_mode', '0700', 'The mode of the data directory.')),
  internal(bool('data_checksums', 'on', 'Stored data carries checksums.')),
  reported(text('DateStyle', 'ISO, MDY', 'How dates are written, and which of day and month comes first.')),
  text('default_tablespace', '', 'Of no effect: there is one place for tables.'),
  text('default_table_access_method', 'heap', 'Of no effect: there is one way to store tables.'),
  text('default_text_search_config', 'pg_catalog.english', 'The configuration of text search.'),
  choice(
    'default_transaction_isolation',
    'read committed',
    ISOLATION_LEVELS,
    'The level of new transactions.',
  ),
  bool('default_transaction_read_only', 'off', 'New transactions may only read.'),
  bool('default_transaction_deferrable', 'off', 'Of no effect: no transaction has to wait to be safe.'),
  ...PLANNER_SWITCHES.map((name) => bool(name, 'on', 'What the planner may use.')),
  bool(PUSHDOWN, 'on', 'A store that can filters, sorts and aggregates rows beside its data.'),
  bool('escape_string_warning', 'on', 'Warn of backslashes in plain literals.'),
  number(
    'extra_float_digits',
    '1',
    -15,
    3,
    'Digits shown of floats; above 0: as many as it takes to read them back.',
  ),
  number(
    'from_collapse_limit',
    '8',
    1,
    INT_MAX,
    'Of no effect: subqueries are always flattened where that is right.',
  ),
  bool('geqo', 'on', 'Of no effect: large joins are ordered greedily.'),
  bool('hot_standby', 'on', 'Of no effect.'),
  milliseconds(
    'idle_in_transaction_session_timeout',
    '0',
    'How long a session may idle in a transaction; 0: any time.',
  ),
  milliseconds('idle_session_timeout', '0', 'How long a session may idle; 0: any time.'),
  reported(internal(bool('in_hot_standby', 'off', 'Whether this server is a replica.'))),
  reported(internal(bool('integer_datetimes', 'on', 'Times are integers.'))),
  reported(
    choice(
      'IntervalStyle',
      'postgres',
      ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'],
      'How intervals are written.',
    ),
  ),
  reported(internal(bool('is_superuser', 'off', 'Whether the current user may do everything.'))),
  bool('jit', 'off', 'Of no effect.'),
  number('join_collapse_limit', '8', 1, INT_MAX, 'Of no effect: joins are reordered whatever their number.'),
  internal(text('lc_collate', 'C', 'The order of text.')),
  internal(text('lc_ctype', 'C', 'The classes of characters.')),
  text('lc_messages', 'C', 'The language of messages.'),
  text('lc_monetary', 'C', 'The form of amounts of money.'),
  text('lc_numeric', 'C', 'The form of numbers.'),
  text('lc_time', 'C', 'The form of dates.'),
  milliseconds('lock_timeout', '0', 'How long a statement waits for a lock; 0: any time.'),
  kilobytes('maintenance_work_mem', '65536', 1024, 'Of no effect: indexes are built in bounded steps.'),
  bool(
    'orbit.use_query_cache',
    'on',
    'Whether statements may be answered from kept results, where the server keeps some.',
  ),
  start(number('max_connections', '100', 1, 262_143, 'How many clients may be connected.')),
  internal(number('max_identifier_length', '63', 63, 63, 'Bytes of a name.')),
  internal(number('max_index_keys', '32', 32, 32, 'Columns of an index.')),
  number('max_parallel_workers_per_gather', '0', 0, 1024, 'Of no effect: a statement runs in one thread.'),
  choice('password_encryption', 'scram-sha-256', ['scram-sha-256'], 'How passwords are stored.'),
  choice(
    'plan_cache_mode',
    'auto',
    ['auto', 'force_generic_plan', 'force_custom_plan'],
    'How prepared statements are planned.',
  ),
  real('random_page_cost', '4', 'Of no effect: costs are of this engine.'),
  real('seq_page_cost', '1', 'Of no effect: costs are of this engine.'),
  real('cpu_tuple_cost', '0.01', 'Of no effect: costs are of this engine.'),
  bool('quote_all_identifiers', 'off', 'Names are always quoted in generated SQL.'),
  text('role', 'none', 'The role that was set.'),
  bool('row_security', 'on', 'Of no effect: there are no row policies.'),
  text('search_path', '"$user", public', 'The schemas that names are looked up in.'),
  internal(text('server_encoding', 'UTF8', 'The encoding of stored text.')),
  reported(
    internal(text('server_version', SERVER_VERSION, 'The version of PostgreSQL whose behaviour this is.')),
  ),
  internal(number('server_version_num', '150008', 0, INT_MAX, 'As server_version, as a number.')),
  reported(internal(text('session_authorization', '', 'The user who connected.'))),
  text('session_replication_role', 'origin', 'Of no effect: there are no triggers.'),
  internal(bool('ssl', 'off', 'Whether the server takes TLS.')),
  reported(
    internal(bool('standard_conforming_strings', 'on', 'Backslashes in plain literals are themselves.')),
  ),
  real('hash_mem_multiplier', '2', 'Of no effect: work_mem says it all.'),
  real('jit_above_cost', '100000', 'Of no effect: plans are always compiled.'),
  number('max_parallel_maintenance_workers', '2', 0, 1024, 'Of no effect: a statement runs in one thread.'),
  number('max_parallel_workers', '8', 0, 1024, 'Of no effect: a statement runs in one thread.'),
  kilobytes('max_stack_depth', '2048', 100, 'Of no effect: depths have limits of their own.'),
  number('min_parallel_index_scan_size', '64', 0, INT_MAX, 'Of no effect: a statement runs in one thread.'),
  number('min_parallel_table_scan_size', '1024', 0, INT_MAX, 'Of no effect: a statement runs in one thread.'),
  bool('parallel_leader_participation', 'on', 'Of no effect: a statement runs in one thread.'),
  real('parallel_setup_cost', '1000', 'Of no effect: a statement runs in one thread.'),
  real('parallel_tuple_cost', '0.1', 'Of no effect: a statement runs in one thread.'),
  choice('track_functions', 'none', ['none', 'pl', 'all'], 'Of no effect: calls are not counted.'),
  bool('track_io_timing', 'off', 'Of no effect: reading is not timed by itself.'),
  milliseconds('statement_timeout', '0', 'How long a statement may run; 0: any time.'),
  choice(
    'synchronous_commit',
    'on',
    ['on', 'off', 'local', 'remote_write', 'remote_apply'],
    'off: a commit is acknowledged before it is on stable storage.',
  ),
  text('temp_tablespaces', '', 'Of no effect: there is one place for tables.'),
  reported(text('TimeZone', 'UTC', 'The time zone that times are shown and read in.')),
  text('timezone_abbreviations', 'Default', 'The abbreviations of time zones.'),
  bool('transaction_deferrable', 'off', 'Of no effect: no transaction has to wait to be safe.'),
  choice('transaction_isolation', 'read committed', ISOLATION_LEVELS, 'The level of the transaction.'),
  bool('transaction_read_only', 'off', 'The transaction may only read.'),
  bool('transform_null_equals', 'off', 'Whether `= NULL` is taken for IS NULL: it never is.'),
  internal(choice('wal_level', 'replica', ['minimal', 'replica', 'logical'], 'What the log is good for.')),
  kilobytes(
    'work_mem',
    '65536',
    64,
    'What the operators of one statement may hold in memory before they use disk.',
  ),
  kilobytes('temp_file_limit', '-1', -1, 'What one statement may put on disk; -1: the limit of the server.'),
  choice('xmloption', 'content', ['content', 'document'], 'Of no effect: there is no type xml.'),
  internal(number('block_size', '8192', 8192, 8192, 'Of no effect: there are no pages.')),
  bool('default_with_oids', 'off', 'Of no effect.'),
  choice('constraint_exclusion', 'partition', ['partition', 'on', 'off'], 'Of no effect.'),
  kilobytes('effective_cache_size', '4194304', 1, 'Of no effect: costs are of this engine.'),
  choice('bytea_input', 'any', ['any'], 'Of no effect.'),
  bool('synchronize_seqscans', 'on', 'Of no effect.'),
  bool('update_process_title', 'on', 'Of no effect.'),
  bool('lo_compat_privileges', 'off', 'Of no effect: there are no large objects.'),
  bool('track_activities', 'on', 'Of no effect: activity is always known.'),
  bool('allow_in_place_tablespaces', 'off', 'Of no effect.'),
  ...SETTINGS_WITHOUT_EFFECT,
]

export const SETTING_BY_NAME: ReadonlyMap<string, SettingDefinition> = new Map(
  SETTING_DEFINITIONS.map((definition) => [definition.name.toLowerCase(), definition]),
)

/** What types and functions ask for, in one place so that a missing one is found by the compiler's reader. */
export type SettingSource = Pick<ScalarContext, 'setting'>
