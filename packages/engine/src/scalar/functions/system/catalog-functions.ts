import { asynchronous } from '../define/async-function.js'
import { parseSignature } from '../define/signature.js'
import type { AsyncFunction } from '../function.js'
import type { Value } from '../../value.js'

/** Answered by the session: `FunctionServices.invoke` gets the name and the arguments as they are. */
const INVOKED = `
  1215 obj_description(oid,name) text stable
  1348 obj_description(oid) text stable
  1993 shobj_description(oid,name) text stable
  1216 col_description(oid,int4) text stable
  2078 set_config(text,text,bool) text nullable volatile
  817 current_query() text nullable volatile
  1716 pg_get_expr(text,oid) text stable
  2509 pg_get_expr(text,oid,bool) text stable
  1387 pg_get_constraintdef(oid) text stable
  2508 pg_get_constraintdef(oid,bool) text stable
  1643 pg_get_indexdef(oid) text stable
  2507 pg_get_indexdef(oid,int4,bool) text stable
  1640 pg_get_viewdef(text) text stable
  1641 pg_get_viewdef(oid) text stable
  2505 pg_get_viewdef(text,bool) text stable
  2506 pg_get_viewdef(oid,bool) text stable
  3159 pg_get_viewdef(oid,int4) text stable
  1573 pg_get_ruledef(oid) text stable
  2504 pg_get_ruledef(oid,bool) text stable
  1662 pg_get_triggerdef(oid) text stable
  2730 pg_get_triggerdef(oid,bool) text stable
  1665 pg_get_serial_sequence(text,text) text stable
  2098 pg_get_functiondef(oid) text stable
  2162 pg_get_function_arguments(oid) text stable
  2232 pg_get_function_identity_arguments(oid) text stable
  2165 pg_get_function_result(oid) text stable
  3808 pg_get_function_arg_default(oid,int4) text stable
  6197 pg_get_function_sqlbody(oid) text stable
  3415 pg_get_statisticsobjdef(oid) text stable
  6174 pg_get_statisticsobjdef_columns(oid) text stable
  3352 pg_get_partkeydef(oid) text stable
  3408 pg_get_partition_constraintdef(oid) text stable
  3537 pg_describe_object(oid,oid,int4) text stable
  2325 pg_relation_size(regclass) int8 volatile
  2332 pg_relation_size(regclass,text) int8 volatile
  2997 pg_table_size(regclass) int8 volatile
  2998 pg_indexes_size(regclass) int8 volatile
  2286 pg_total_relation_size(regclass) int8 volatile
  2168 pg_database_size(name) int8 volatile
  2324 pg_database_size(oid) int8 volatile
  2322 pg_tablespace_size(oid) int8 volatile
  2323 pg_tablespace_size(name) int8 volatile
  3778 pg_tablespace_location(oid) text stable
  2999 pg_relation_filenode(regclass) oid stable
  3034 pg_relation_filepath(regclass) text stable
  3842 pg_relation_is_updatable(regclass,bool) int4 stable
  3843 pg_column_is_updatable(regclass,int2,bool) bool stable
  6121 pg_relation_is_publishable(regclass) bool stable
  6120 pg_get_replica_identity_index(regclass) regclass stable
  636 pg_indexam_has_property(oid,text) bool stable
  637 pg_index_has_property(regclass,text) bool stable
  638 pg_index_column_has_property(regclass,int4,text) bool stable
  4032 pg_sequence_last_value(regclass) int8 volatile
  2854 pg_my_temp_schema() oid stable
  2943 txid_current() int8 stable
  3348 txid_current_if_assigned() int8 stable
  3360 txid_status(int8) text volatile
  5059 pg_current_xact_id() xid8 stable
  5060 pg_current_xact_id_if_assigned() xid8 stable
  5066 pg_xact_status(xid8) text volatile
  1181 age(xid) int4 stable
  3939 mxid_age(xid) int4 stable
  3809 pg_export_snapshot() text volatile
  2560 pg_postmaster_start_time() timestamptz stable
  2034 pg_conf_load_time() timestamptz stable
  2621 pg_reload_conf() bool volatile
  2171 pg_cancel_backend(int4) bool volatile
  2561 pg_blocking_pids(int4) _int4 volatile
  3376 pg_safe_snapshot_blocking_pids(int4) _int4 volatile
  3378 pg_isolation_test_session_is_blocked(int4,_int4) bool volatile
  3036 pg_notify(text,text) void nullable volatile
  3296 pg_notification_queue_usage() float8 volatile
  2626 pg_sleep(float8) void volatile
  3935 pg_sleep_for(interval) void volatile
  3936 pg_sleep_until(timestamptz) void volatile
  2196 inet_client_addr() inet nullable stable
  2197 inet_client_port() int4 nullable stable
  2198 inet_server_addr() inet nullable stable
  2199 inet_server_port() int4 nullable stable
  3448 pg_collation_actual_version(oid) text volatile
  6249 pg_database_collation_actual_version(oid) text volatile
  6240 pg_settings_get_flags(text) _text stable
  2880 pg_advisory_lock(int8) void volatile
  2886 pg_advisory_lock(int4,int4) void volatile
  2881 pg_advisory_lock_shared(int8) void volatile
  2887 pg_advisory_lock_shared(int4,int4) void volatile
  2882 pg_try_advisory_lock(int8) bool volatile
  2888 pg_try_advisory_lock(int4,int4) bool volatile
  2883 pg_try_advisory_lock_shared(int8) bool volatile
  2889 pg_try_advisory_lock_shared(int4,int4) bool volatile
  2884 pg_advisory_unlock(int8) bool volatile
  2890 pg_advisory_unlock(int4,int4) bool volatile
  2885 pg_advisory_unlock_shared(int8) bool volatile
  2891 pg_advisory_unlock_shared(int4,int4) bool volatile
  2892 pg_advisory_unlock_all() void volatile
  3089 pg_advisory_xact_lock(int8) void volatile
  3093 pg_advisory_xact_lock(int4,int4) void volatile
  3090 pg_advisory_xact_lock_shared(int8) void volatile
  3094 pg_advisory_xact_lock_shared(int4,int4) void volatile
  3091 pg_try_advisory_xact_lock(int8) bool volatile
  3095 pg_try_advisory_xact_lock(int4,int4) bool volatile
  3092 pg_try_advisory_xact_lock_shared(int8) bool volatile
  3096 pg_try_advisory_xact_lock_shared(int4,int4) bool volatile
`

/** The same for privileges: of the current user, or of one that is given by name or number. */
const PRIVILEGES = `
  3024 has_any_column_privilege(name,text,text) bool stable
  3025 has_any_column_privilege(name,oid,text) bool stable
  3026 has_any_column_privilege(oid,text,text) bool stable
  3027 has_any_column_privilege(oid,oid,text) bool stable
  3028 has_any_column_privilege(text,text) bool stable
  3029 has_any_column_privilege(oid,text) bool stable
  3012 has_column_privilege(name,text,text,text) bool stable
  3013 has_column_privilege(name,text,int2,text) bool stable
  3014 has_column_privilege(name,oid,text,text) bool stable
  3015 has_column_privilege(name,oid,int2,text) bool stable
  3016 has_column_privilege(oid,text,text,text) bool stable
  3017 has_column_privilege(oid,text,int2,text) bool stable
  3018 has_column_privilege(oid,oid,text,text) bool stable
  3019 has_column_privilege(oid,oid,int2,text) bool stable
  3020 has_column_privilege(text,text,text) bool stable
  3021 has_column_privilege(text,int2,text) bool stable
  3022 has_column_privilege(oid,text,text) bool stable
  3023 has_column_privilege(oid,int2,text) bool stable
  2250 has_database_privilege(name,text,text) bool stable
  2251 has_database_privilege(name,oid,text) bool stable
  2252 has_database_privilege(oid,text,text) bool stable
  2253 has_database_privilege(oid,oid,text) bool stable
  2254 has_database_privilege(text,text) bool stable
  2255 has_database_privilege(oid,text) bool stable
  3000 has_foreign_data_wrapper_privilege(name,text,text) bool stable
  3001 has_foreign_data_wrapper_privilege(name,oid,text) bool stable
  3002 has_foreign_data_wrapper_privilege(oid,text,text) bool stable
  3003 has_foreign_data_wrapper_privilege(oid,oid,text) bool stable
  3004 has_foreign_data_wrapper_privilege(text,text) bool stable
  3005 has_foreign_data_wrapper_privilege(oid,text) bool stable
  2256 has_function_privilege(name,text,text) bool stable
  2257 has_function_privilege(name,oid,text) bool stable
  2258 has_function_privilege(oid,text,text) bool stable
  2259 has_function_privilege(oid,oid,text) bool stable
  2260 has_function_privilege(text,text) bool stable
  2261 has_function_privilege(oid,text) bool stable
  2262 has_language_privilege(name,text,text) bool stable
  2263 has_language_privilege(name,oid,text) bool stable
  2264 has_language_privilege(oid,text,text) bool stable
  2265 has_language_privilege(oid,oid,text) bool stable
  2266 has_language_privilege(text,text) bool stable
  2267 has_language_privilege(oid,text) bool stable
  6205 has_parameter_privilege(name,text,text) bool stable
  6206 has_parameter_privilege(oid,text,text) bool stable
  6207 has_parameter_privilege(text,text) bool stable
  2268 has_schema_privilege(name,text,text) bool stable
  2269 has_schema_privilege(name,oid,text) bool stable
  2270 has_schema_privilege(oid,text,text) bool stable
  2271 has_schema_privilege(oid,oid,text) bool stable
  2272 has_schema_privilege(text,text) bool stable
  2273 has_schema_privilege(oid,text) bool stable
  2181 has_sequence_privilege(name,text,text) bool stable
  2182 has_sequence_privilege(name,oid,text) bool stable
  2183 has_sequence_privilege(oid,text,text) bool stable
  2184 has_sequence_privilege(oid,oid,text) bool stable
  2185 has_sequence_privilege(text,text) bool stable
  2186 has_sequence_privilege(oid,text) bool stable
  3006 has_server_privilege(name,text,text) bool stable
  3007 has_server_privilege(name,oid,text) bool stable
  3008 has_server_privilege(oid,text,text) bool stable
  3009 has_server_privilege(oid,oid,text) bool stable
  3010 has_server_privilege(text,text) bool stable
  3011 has_server_privilege(oid,text) bool stable
  1922 has_table_privilege(name,text,text) bool stable
  1923 has_table_privilege(name,oid,text) bool stable
  1924 has_table_privilege(oid,text,text) bool stable
  1925 has_table_privilege(oid,oid,text) bool stable
  1926 has_table_privilege(text,text) bool stable
  1927 has_table_privilege(oid,text) bool stable
  2390 has_tablespace_privilege(name,text,text) bool stable
  2391 has_tablespace_privilege(name,oid,text) bool stable
  2392 has_tablespace_privilege(oid,text,text) bool stable
  2393 has_tablespace_privilege(oid,oid,text) bool stable
  2394 has_tablespace_privilege(text,text) bool stable
  2395 has_tablespace_privilege(oid,text) bool stable
  3138 has_type_privilege(name,text,text) bool stable
  3139 has_type_privilege(name,oid,text) bool stable
  3140 has_type_privilege(oid,text,text) bool stable
  3141 has_type_privilege(oid,oid,text) bool stable
  3142 has_type_privilege(text,text) bool stable
  3143 has_type_privilege(oid,text) bool stable
  2705 pg_has_role(name,name,text) bool stable
  2706 pg_has_role(name,oid,text) bool stable
  2707 pg_has_role(oid,name,text) bool stable
  2708 pg_has_role(oid,oid,text) bool stable
  2709 pg_has_role(name,text) bool stable
  2710 pg_has_role(oid,text) bool stable
`

function invoked(signature: string): AsyncFunction {
  const { name } = parseSignature(signature)
  return asynchronous(signature, (services, _, ...args: readonly Value[]) => services.invoke(name, args))
}

const lines = (text: string): string[] => text.trim().split('\n')

/** Functions that ask the session, the catalog or other sessions. */
export const catalogFunctions: readonly AsyncFunction[] = [
  ...lines(INVOKED).map(invoked),
  ...lines(PRIVILEGES).map(invoked),
  asynchronous(
    '2096 pg_terminate_backend(pid int4,timeout int8) bool volatile',
    (services, _, ...args: readonly Value[]) => services.invoke('pg_terminate_backend', args),
    { defaults: [0] },
  ),
]
