/**
 * The error conditions of queries, under PostgreSQL's names (its documentation, appendix A), each with its SQLSTATE and
 * the error code that Orbit's own API shows.
 */
import { OrbitError, type ErrorCode } from '@orbit-ts/base'

const condition = (sqlState: string, code: ErrorCode): { sqlState: string; code: ErrorCode } => ({
  sqlState,
  code,
})

export const CONDITIONS = {
  feature_not_supported: condition('0A000', 'FEATURE_UNSUPPORTED'),
  // 21, 22: values
  cardinality_violation: condition('21000', 'VALUE_INVALID'),
  data_exception: condition('22000', 'VALUE_INVALID'),
  string_data_right_truncation: condition('22001', 'VALUE_INVALID'),
  null_value_no_indicator_parameter: condition('22002', 'VALUE_INVALID'),
  numeric_value_out_of_range: condition('22003', 'VALUE_INVALID'),
  null_value_not_allowed: condition('22004', 'VALUE_INVALID'),
  invalid_datetime_format: condition('22007', 'VALUE_INVALID'),
  datetime_field_overflow: condition('22008', 'VALUE_INVALID'),
  invalid_time_zone_displacement_value: condition('22009', 'VALUE_INVALID'),
  escape_character_conflict: condition('2200B', 'VALUE_INVALID'),
  invalid_escape_character: condition('22019', 'VALUE_INVALID'),
  invalid_use_of_escape_character: condition('2200C', 'VALUE_INVALID'),
  invalid_parameter_value: condition('22023', 'VALUE_INVALID'),
  invalid_preceding_or_following_size: condition('22013', 'VALUE_INVALID'),
  invalid_escape_sequence: condition('22025', 'VALUE_INVALID'),
  string_data_length_mismatch: condition('22026', 'VALUE_INVALID'),
  trim_error: condition('22027', 'VALUE_INVALID'),
  array_subscript_error: condition('2202E', 'VALUE_INVALID'),
  invalid_tablesample_repeat: condition('2202G', 'VALUE_INVALID'),
  invalid_tablesample_argument: condition('2202H', 'VALUE_INVALID'),
  invalid_row_count_in_limit_clause: condition('2201W', 'VALUE_INVALID'),
  invalid_row_count_in_result_offset_clause: condition('2201X', 'VALUE_INVALID'),
  invalid_argument_for_logarithm: condition('2201E', 'VALUE_INVALID'),
  invalid_argument_for_ntile_function: condition('22014', 'VALUE_INVALID'),
  invalid_argument_for_nth_value_function: condition('22016', 'VALUE_INVALID'),
  invalid_argument_for_power_function: condition('2201F', 'VALUE_INVALID'),
  invalid_argument_for_width_bucket_function: condition('2201G', 'VALUE_INVALID'),
  invalid_regular_expression: condition('2201B', 'VALUE_INVALID'),
  substring_error: condition('22011', 'VALUE_INVALID'),
  division_by_zero: condition('22012', 'VALUE_INVALID'),
  interval_field_overflow: condition('22015', 'VALUE_INVALID'),
  character_not_in_repertoire: condition('22021', 'VALUE_INVALID'),
  floating_point_exception: condition('22P01', 'VALUE_INVALID'),
  invalid_text_representation: condition('22P02', 'VALUE_INVALID'),
  invalid_binary_representation: condition('22P03', 'VALUE_INVALID'),
  bad_copy_file_format: condition('22P04', 'VALUE_INVALID'),
  untranslatable_character: condition('22P05', 'VALUE_INVALID'),
  duplicate_json_object_key_value: condition('22030', 'VALUE_INVALID'),
  invalid_json_text: condition('22032', 'VALUE_INVALID'),
  invalid_sql_json_subscript: condition('22033', 'VALUE_INVALID'),
  more_than_one_sql_json_item: condition('22034', 'VALUE_INVALID'),
  no_sql_json_item: condition('22035', 'VALUE_INVALID'),
  non_numeric_sql_json_item: condition('22036', 'VALUE_INVALID'),
  singleton_sql_json_item_required: condition('22038', 'VALUE_INVALID'),
  sql_json_array_not_found: condition('22039', 'VALUE_INVALID'),
  sql_json_member_not_found: condition('2203A', 'VALUE_INVALID'),
  sql_json_number_not_found: condition('2203B', 'VALUE_INVALID'),
  sql_json_object_not_found: condition('2203C', 'VALUE_INVALID'),
  sql_json_scalar_required: condition('2203F', 'VALUE_INVALID'),
  sequence_generator_limit_exceeded: condition('2200H', 'VALUE_INVALID'),
  // 23: constraints
  integrity_constraint_violation: condition('23000', 'CHECK_VIOLATION'),
  restrict_violation: condition('23001', 'FOREIGN_KEY_VIOLATION'),
  not_null_violation: condition('23502', 'NOT_NULL_VIOLATION'),
  foreign_key_violation: condition('23503', 'FOREIGN_KEY_VIOLATION'),
  unique_violation: condition('23505', 'UNIQUE_VIOLATION'),
  check_violation: condition('23514', 'CHECK_VIOLATION'),
  // 24, 25, 26, 28, 2B, 2D, 34, 3B, 3D, 3F: states and names
  invalid_cursor_state: condition('24000', 'QUERY_INVALID'),
  active_sql_transaction: condition('25001', 'QUERY_INVALID'),
  read_only_sql_transaction: condition('25006', 'QUERY_INVALID'),
  no_active_sql_transaction: condition('25P01', 'QUERY_INVALID'),
  in_failed_sql_transaction: condition('25P02', 'QUERY_INVALID'),
  idle_in_transaction_session_timeout: condition('25P03', 'TRANSACTION_TIMEOUT'),
  invalid_sql_statement_name: condition('26000', 'QUERY_INVALID'),
  invalid_authorization_specification: condition('28000', 'UNAUTHENTICATED'),
  invalid_grant_operation: condition('0LP01', 'UNAUTHENTICATED'),
  invalid_password: condition('28P01', 'UNAUTHENTICATED'),
  dependent_objects_still_exist: condition('2BP01', 'QUERY_INVALID'),
  invalid_transaction_termination: condition('2D000', 'QUERY_INVALID'),
  invalid_cursor_name: condition('34000', 'QUERY_INVALID'),
  savepoint_exception: condition('3B001', 'QUERY_INVALID'),
  invalid_catalog_name: condition('3D000', 'QUERY_INVALID'),
  invalid_schema_name: condition('3F000', 'QUERY_INVALID'),
  // 40: transactions
  transaction_rollback: condition('40000', 'TRANSACTION_ABORTED'),
  serialization_failure: condition('40001', 'TRANSACTION_CONFLICT'),
  statement_completion_unknown: condition('40003', 'COMMIT_UNDETERMINED'),
  deadlock_detected: condition('40P01', 'TRANSACTION_DEADLOCK'),
  // 42: the query itself
  syntax_error_or_access_rule_violation: condition('42000', 'QUERY_INVALID'),
  syntax_error: condition('42601', 'QUERY_INVALID'),
  insufficient_privilege: condition('42501', 'PERMISSION_DENIED'),
  cannot_coerce: condition('42846', 'QUERY_INVALID'),
  grouping_error: condition('42803', 'QUERY_INVALID'),
  windowing_error: condition('42P20', 'QUERY_INVALID'),
  invalid_recursion: condition('42P19', 'QUERY_INVALID'),
  invalid_foreign_key: condition('42830', 'QUERY_INVALID'),
  invalid_name: condition('42602', 'QUERY_INVALID'),
  name_too_long: condition('42622', 'QUERY_INVALID'),
  reserved_name: condition('42939', 'QUERY_INVALID'),
  datatype_mismatch: condition('42804', 'QUERY_INVALID'),
  indeterminate_datatype: condition('42P18', 'QUERY_INVALID'),
  collation_mismatch: condition('42P21', 'QUERY_INVALID'),
  indeterminate_collation: condition('42P22', 'QUERY_INVALID'),
  wrong_object_type: condition('42809', 'QUERY_INVALID'),
  generated_always: condition('428C9', 'QUERY_INVALID'),
  undefined_column: condition('42703', 'QUERY_INVALID'),
  undefined_function: condition('42883', 'QUERY_INVALID'),
  undefined_table: condition('42P01', 'QUERY_INVALID'),
  undefined_parameter: condition('42P02', 'QUERY_INVALID'),
  undefined_object: condition('42704', 'QUERY_INVALID'),
  duplicate_column: condition('42701', 'QUERY_INVALID'),
  duplicate_cursor: condition('42P03', 'QUERY_INVALID'),
  duplicate_database: condition('42P04', 'QUERY_INVALID'),
  duplicate_function: condition('42723', 'QUERY_INVALID'),
  duplicate_prepared_statement: condition('42P05', 'QUERY_INVALID'),
  duplicate_schema: condition('42P06', 'QUERY_INVALID'),
  duplicate_table: condition('42P07', 'QUERY_INVALID'),
  duplicate_alias: condition('42712', 'QUERY_INVALID'),
  duplicate_object: condition('42710', 'QUERY_INVALID'),
  ambiguous_column: condition('42702', 'QUERY_INVALID'),
  ambiguous_function: condition('42725', 'QUERY_INVALID'),
  ambiguous_parameter: condition('42P08', 'QUERY_INVALID'),
  ambiguous_alias: condition('42P09', 'QUERY_INVALID'),
  invalid_column_reference: condition('42P10', 'QUERY_INVALID'),
  invalid_column_definition: condition('42611', 'QUERY_INVALID'),
  invalid_cursor_definition: condition('42P11', 'QUERY_INVALID'),
  invalid_function_definition: condition('42P13', 'QUERY_INVALID'),
  invalid_prepared_statement_definition: condition('42P14', 'QUERY_INVALID'),
  invalid_schema_definition: condition('42P15', 'QUERY_INVALID'),
  invalid_table_definition: condition('42P16', 'QUERY_INVALID'),
  invalid_object_definition: condition('42P17', 'QUERY_INVALID'),
  with_check_option_violation: condition('44000', 'CHECK_VIOLATION'),
  // 53, 54, 55, 57, 58, XX: the system
  insufficient_resources: condition('53000', 'LIMIT_EXCEEDED'),
  disk_full: condition('53100', 'STORAGE_FULL'),
  out_of_memory: condition('53200', 'LIMIT_EXCEEDED'),
  too_many_connections: condition('53300', 'LIMIT_EXCEEDED'),
  configuration_limit_exceeded: condition('53400', 'LIMIT_EXCEEDED'),
  program_limit_exceeded: condition('54000', 'LIMIT_EXCEEDED'),
  statement_too_complex: condition('54001', 'LIMIT_EXCEEDED'),
  too_many_columns: condition('54011', 'LIMIT_EXCEEDED'),
  too_many_arguments: condition('54023', 'LIMIT_EXCEEDED'),
  object_not_in_prerequisite_state: condition('55000', 'QUERY_INVALID'),
  object_in_use: condition('55006', 'QUERY_INVALID'),
  cant_change_runtime_param: condition('55P02', 'QUERY_INVALID'),
  lock_not_available: condition('55P03', 'LOCK_NOT_AVAILABLE'),
  query_canceled: condition('57014', 'ABORTED'),
  admin_shutdown: condition('57P01', 'SERVER_CLOSING'),
  cannot_connect_now: condition('57P03', 'SERVER_CLOSING'),
  idle_session_timeout: condition('57P05', 'SERVER_CLOSING'),
  protocol_violation: condition('08P01', 'PROTOCOL_VIOLATION'),
  internal_error: condition('XX000', 'INTERNAL'),
  data_corrupted: condition('XX001', 'STORAGE_CORRUPT'),
} as const

export type Condition = keyof typeof CONDITIONS

/** The fields of an error message of PostgreSQL's protocol, beyond its text. */
export interface ErrorFields {
  readonly detail?: string
  readonly hint?: string
  /** Where in the statement's text: characters (code points) before it. PostgreSQL's `position` is one more. */
  readonly offset?: number
  readonly schema?: string
  readonly table?: string
  readonly column?: string
  readonly dataType?: string
  readonly constraint?: string
  /** Where in the work it happened: `COPY t, line 3`. PostgreSQL's field `where`. */
  readonly context?: string
}

/**
 * An error of a query. The message is worded as PostgreSQL words it, because programs match on it; the details hold
 * `sqlState` and the fields.
 */
export function queryError(
  name: Condition,
  message: string,
  fields: ErrorFields = {},
  cause?: unknown,
): OrbitError {
  const { sqlState, code } = CONDITIONS[name]
  return new OrbitError(code, message, { sqlState, ...fields }, cause === undefined ? undefined : { cause })
}

/** What is not there yet. `feature` names it: `MERGE`, `the type xml`. */
export function unsupported(feature: string, offset?: number): OrbitError {
  return queryError(
    'feature_not_supported',
    `${feature} is not supported`,
    offset === undefined ? {} : { offset },
  )
}
