import type { SqlArray } from '../../array/sql-array.js'
import type { Row } from '../../value.js'
import { table } from '../define/table-function.js'
import { columnsOf } from '../define/columns.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { AnyFunction, TableFunction } from '../function.js'
import { keywordFunction } from './keywords.js'
import { aclFunctions } from './acl-functions.js'
import { catalogFunctions } from './catalog-functions.js'
import { nameFunctions } from './name-functions.js'
import { sequenceFunctions } from './sequence-functions.js'
import { sessionFunctions } from './session-functions.js'
import { sizeFunctions } from './size-functions.js'

const PARAMETERS = [
  ...['start_value int8', 'minimum_value int8', 'maximum_value int8', 'increment int8'],
  ...['cycle_option bool', 'cache_size int8', 'data_type oid'],
]

const SETTINGS = [
  ...['name text', 'setting text', 'unit text', 'category text', 'short_desc text', 'extra_desc text'],
  ...['context text', 'vartype text', 'source text', 'min_val text', 'max_val text', 'enumvals _text'],
  ...['boot_val text', 'reset_val text', 'sourcefile text', 'sourceline int4', 'pending_restart bool'],
]

const EXTENSIONS = ['name name', 'default_version text', 'comment text']

const VERSIONS = [
  ...['name name', 'version text', 'superuser bool', 'trusted bool', 'relocatable bool', 'schema name'],
  ...['requires _name', 'comment text'],
]

const LOCKS = [
  ...['locktype text', 'database oid', 'relation oid', 'page int4', 'tuple int2', 'virtualxid text'],
  ...[
    'transactionid xid',
    'classid oid',
    'objid oid',
    'objsubid int2',
    'virtualtransaction text',
    'pid int4',
  ],
  ...['mode text', 'granted bool', 'fastpath bool', 'waitstart timestamptz'],
]

/** What the session has to say under a name, by columns. */
function rowsTold({ session }: ScalarContext, relation: string, columns: readonly string[]): Row[] {
  return [...(session.systemRows?.(relation) ?? [])].map((row) =>
    columns.map((column) => row[column.split(' ')[0] ?? ''] ?? null),
  )
}

function told(signature: string, relation: string, columns: readonly string[]): TableFunction {
  return table(signature, (context) => rowsTold(context, relation, columns), {
    columns: columnsOf(...columns),
  })
}

const TOKENS = ['tokid int4', 'alias text', 'description text']

/** `name=value`, one each. */
function* optionRows(_: unknown, { elements }: SqlArray): Iterable<Row> {
  for (const option of elements) {
    if (typeof option !== 'string') continue
    const at = option.indexOf('=')
    yield at < 0 ? [option, null] : [option.slice(0, at), option.slice(at + 1)]
  }
}

/** Functions about the session, the catalog and the system. */
export const systemFunctions: readonly AnyFunction[] = [
  ...aclFunctions,
  ...sessionFunctions,
  ...nameFunctions,
  ...sizeFunctions,
  ...sequenceFunctions,
  ...catalogFunctions,
  table('3035 pg_listening_channels() text', (context) =>
    rowsTold(context, 'pg_listening_channels', ['channel']),
  ),
  table(
    '3078 pg_sequence_parameters(oid) record stable',
    ({ session }, oid: number) =>
      [...(session.systemRows?.('pg_sequence_parameters') ?? [])]
        .filter((row) => row['oid'] === oid)
        .map((row) => PARAMETERS.map((column) => row[column.split(' ')[0] ?? ''] ?? null)),
    { columns: columnsOf(...PARAMETERS) },
  ),
  told('2084 pg_show_all_settings() record stable', 'pg_settings', SETTINGS),
  // Of what is no partition there are none.
  ...[
    told('3082 pg_available_extensions() record stable', 'pg_available_extensions', EXTENSIONS),
    told('3083 pg_available_extension_versions() record stable', 'pg_available_extension_versions', VERSIONS),
    told('1371 pg_lock_status() record volatile', 'pg_locks', LOCKS),
  ],
  keywordFunction,
  table('2289 pg_options_to_table(options_array _text) record stable', optionRows, {
    columns: columnsOf('option_name text', 'option_value text'),
  }),
  // There are no parsers of text.
  table('3713 ts_token_type(parser_oid oid) record', () => [], { columns: columnsOf(...TOKENS) }),
  table('3714 ts_token_type(parser_name text) record stable', () => [], { columns: columnsOf(...TOKENS) }),
  // What is no partition has no tree.
  table('3423 pg_partition_tree(rootrelid regclass) record volatile', () => [], {
    columns: columnsOf('relid regclass', 'parentrelid regclass', 'isleaf bool', 'level int4'),
  }),
  table('3425 pg_partition_ancestors(regclass) regclass', () => []),
]
