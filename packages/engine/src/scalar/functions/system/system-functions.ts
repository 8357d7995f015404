import { table } from '../define/table-function.js'
import { columnsOf } from '../define/columns.js'
import type { AnyFunction } from '../function.js'
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

/** Functions about the session, the catalog and the system. */
export const systemFunctions: readonly AnyFunction[] = [
  ...aclFunctions,
  ...sessionFunctions,
  ...nameFunctions,
  ...sizeFunctions,
  ...sequenceFunctions,
  ...catalogFunctions,
  table('3035 pg_listening_channels() text', ({ session }) =>
    [...(session.systemRows?.('pg_listening_channels') ?? [])].map(({ channel = null }) => [channel]),
  ),
  table(
    '3078 pg_sequence_parameters(oid) record stable',
    ({ session }, oid: number) =>
      [...(session.systemRows?.('pg_sequence_parameters') ?? [])]
        .filter((row) => row['oid'] === oid)
        .map((row) => PARAMETERS.map((column) => row[column.split(' ')[0] ?? ''] ?? null)),
    { columns: columnsOf(...PARAMETERS) },
  ),
  table(
    '2084 pg_show_all_settings() record stable',
    ({ session }) =>
      [...(session.systemRows?.('pg_settings') ?? [])].map((row) =>
        SETTINGS.map((column) => row[column.split(' ')[0] ?? ''] ?? null),
      ),
    { columns: columnsOf(...SETTINGS) },
  ),
  // Of what is no partition there are none.
  table('3425 pg_partition_ancestors(regclass) regclass', () => []),
]
