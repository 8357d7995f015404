/** Settings of PostgreSQL that programs read, or set when they connect, and that change nothing here. */
import { defined } from '@orbit-ts/base'
import type { SettingDefinition, SettingUnit } from './setting-definitions.js'

/**
 * `name kind context default`, then of numbers `min..max unit`, of choices their words. The context is `-` where a
 * session may set it; `''` stands for an empty text and `-` for no unit.
 */
const TABLE = `
  archive_command string start ''
  archive_mode enum start off always,on,off
  archive_timeout integer start 0 0..1073741823 s
  authentication_timeout integer start 60 1..600 s
  autovacuum bool start on
  autovacuum_analyze_scale_factor real start 0.1 0..100 -
  autovacuum_analyze_threshold integer start 50 0..2147483647 -
  autovacuum_freeze_max_age integer start 200000000 100000..2000000000 -
  autovacuum_max_workers integer start 3 1..262143 -
  autovacuum_multixact_freeze_max_age integer start 400000000 10000..2000000000 -
  autovacuum_naptime integer start 60 1..2147483 s
  autovacuum_vacuum_cost_delay real start 2 -1..100 ms
  autovacuum_vacuum_cost_limit integer start -1 -1..10000 -
  autovacuum_vacuum_insert_scale_factor real start 0.2 0..100 -
  autovacuum_vacuum_insert_threshold integer start 1000 -1..2147483647 -
  autovacuum_vacuum_scale_factor real start 0.2 0..100 -
  autovacuum_vacuum_threshold integer start 50 0..2147483647 -
  autovacuum_work_mem integer start -1 -1..2147483647 kB
  backend_flush_after integer - 0 0..256 8kB
  bgwriter_delay integer start 200 10..10000 ms
  bgwriter_flush_after integer start 64 0..256 8kB
  bgwriter_lru_maxpages integer start 100 0..1073741823 -
  bgwriter_lru_multiplier real start 2 0..10 -
  checkpoint_completion_target real start 0.9 0..1 -
  checkpoint_flush_after integer start 32 0..256 8kB
  checkpoint_timeout integer start 300 30..86400 s
  checkpoint_warning integer start 30 0..2147483647 s
  client_connection_check_interval integer - 0 0..2147483647 ms
  cluster_name string start ''
  commit_delay integer - 0 0..100000 -
  commit_siblings integer - 5 0..1000 -
  compute_query_id enum - auto auto,regress,on,off
  cpu_index_tuple_cost real - 0.005 0..1.79769e+308 -
  cpu_operator_cost real - 0.0025 0..1.79769e+308 -
  cursor_tuple_fraction real - 0.1 0..1 -
  deadlock_timeout integer - 1000 1..2147483647 ms
  default_statistics_target integer - 100 1..10000 -
  default_toast_compression enum - pglz pglz,lz4
  effective_io_concurrency integer - 1 0..1000 -
  enable_async_append bool - on
  enable_gathermerge bool - on
  force_parallel_mode enum - off off,on,regress
  fsync bool start on
  full_page_writes bool start on
  hot_standby_feedback bool start off
  log_autovacuum_min_duration integer start 600000 -1..2147483647 ms
  log_checkpoints bool start on
  log_connections bool start off
  log_destination string start stderr
  log_directory string start log
  log_disconnections bool start off
  log_duration bool - off
  log_error_verbosity enum - default terse,default,verbose
  log_file_mode integer start 384 0..511 -
  log_filename string start postgresql-%Y-%m-%d_%H%M%S.log
  log_hostname bool start off
  log_lock_waits bool - off
  log_min_duration_sample integer - -1 -1..2147483647 ms
  log_min_duration_statement integer - -1 -1..2147483647 ms
  log_min_error_statement enum - error debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic
  log_min_messages enum - warning debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic
  log_parameter_max_length integer - -1 -1..1073741823 B
  log_parameter_max_length_on_error integer - 0 -1..1073741823 B
  log_replication_commands bool - off
  log_statement enum - none none,ddl,mod,all
  log_statement_sample_rate real - 1 0..1 -
  log_temp_files integer - -1 -1..2147483647 kB
  log_timezone string start UTC
  log_transaction_sample_rate real - 0 0..1 -
  log_truncate_on_rotation bool start off
  logging_collector bool start off
  logical_decoding_work_mem integer - 65536 64..2147483647 kB
  maintenance_io_concurrency integer - 10 0..1000 -
  max_files_per_process integer start 1000 64..2147483647 -
  max_function_args integer internal 100 100..100 -
  max_locks_per_transaction integer start 64 10..2147483647 -
  max_logical_replication_workers integer start 4 0..262143 -
  max_prepared_transactions integer start 0 0..262143 -
  max_replication_slots integer start 10 0..262143 -
  max_slot_wal_keep_size integer start -1 -1..2147483647 MB
  max_sync_workers_per_subscription integer start 2 0..262143 -
  max_wal_senders integer start 10 0..262143 -
  max_wal_size integer start 1024 2..2147483647 MB
  max_worker_processes integer start 8 0..262143 -
  min_wal_size integer start 80 2..2147483647 MB
  old_snapshot_threshold integer start -1 -1..86400 min
  recursive_worktable_factor real - 10 0.001..1e+06 -
  restrict_nonsystem_relation_kind string - ''
  segment_size integer internal 131072 131072..131072 8kB
  shared_buffers integer start 16384 16..1073741823 8kB
  shared_preload_libraries string start ''
  ssl_ciphers string start HIGH:MEDIUM:+3DES:!aNULL
  ssl_ecdh_curve string start prime256v1
  ssl_library string internal OpenSSL
  ssl_max_protocol_version enum start '' ,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3
  ssl_min_protocol_version enum start TLSv1.2 TLSv1,TLSv1.1,TLSv1.2,TLSv1.3
  ssl_prefer_server_ciphers bool start on
  stats_fetch_consistency enum - cache none,cache,snapshot
  superuser_reserved_connections integer start 3 0..262143 -
  synchronous_standby_names string start ''
  tcp_keepalives_count integer - 0 0..2147483647 -
  tcp_keepalives_idle integer - 0 0..2147483647 s
  tcp_keepalives_interval integer - 0 0..2147483647 s
  tcp_user_timeout integer - 0 0..2147483647 ms
  temp_buffers integer - 1024 100..1073741823 8kB
  track_activity_query_size integer start 1024 100..1048576 B
  track_commit_timestamp bool start off
  track_counts bool - on
  track_wal_io_timing bool - off
  vacuum_cost_delay real - 0 0..100 ms
  vacuum_cost_limit integer - 200 1..10000 -
  vacuum_cost_page_dirty integer - 20 0..10000 -
  vacuum_cost_page_hit integer - 1 0..10000 -
  vacuum_cost_page_miss integer - 2 0..10000 -
  vacuum_defer_cleanup_age integer start 0 0..1000000 -
  wal_block_size integer internal 8192 8192..8192 -
  wal_buffers integer start -1 -1..262143 8kB
  wal_compression enum - off pglz,lz4,zstd,on,off
  wal_keep_size integer start 0 0..2147483647 MB
  wal_segment_size integer internal 16777216 1048576..1073741824 B
  wal_sender_timeout integer - 60000 0..2147483647 ms
  wal_sync_method enum start fdatasync fsync,fdatasync,open_sync,open_datasync
  wal_writer_delay integer start 200 1..10000 ms
  wal_writer_flush_after integer start 128 0..2147483647 8kB
  xmlbinary enum - base64 base64,hex
`

const UNITS: ReadonlySet<string> = new Set(['ms', 's', 'min', 'B', 'kB', '8kB', 'MB'])

const DESCRIPTION = 'Of no effect.'

export const SETTINGS_WITHOUT_EFFECT: readonly SettingDefinition[] = TABLE.trim()
  .split('\n')
  .map(definitionOf)

function definitionOf(line: string): SettingDefinition {
  const [name = '', kind = '', context = '', given = '', ...rest] = line.trim().split(' ')
  const base = {
    name,
    default: given === "''" ? '' : given,
    description: DESCRIPTION,
    ...(context === 'internal' || context === 'start' ? ({ context } as const) : {}),
  }
  switch (kind) {
    case 'enum':
      return { ...base, kind, values: (rest[0] ?? '').split(',') }
    case 'integer':
    case 'real': {
      const [range = '', unit] = rest
      const [min, max] = range.split('..').map(Number)
      const bounds = { min: defined(min, 'the least value'), max: defined(max, 'the greatest value') }
      return { ...base, kind, ...bounds, ...(isUnit(unit) ? { unit } : {}) }
    }
    case 'bool':
      return { ...base, kind }
    default:
      return { ...base, kind: 'string' }
  }
}

function isUnit(text: string | undefined): text is SettingUnit {
  return text !== undefined && UNITS.has(text)
}
