import { OrbitError } from '@orbit-ts/base'
import { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { ScalarContext } from '../../scalar-context.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { encodingOfNumber, numberOfEncoding } from '../text/encoding-names.js'

const currentUser = ({ session }: ScalarContext): string => session.user

function schemas({ session }: ScalarContext, includesImplicit: boolean): SqlArray {
  const { searchPath } = session
  return new SqlArray(
    includesImplicit && !searchPath.includes('pg_catalog') ? ['pg_catalog', ...searchPath] : searchPath,
  )
}

function setting(context: ScalarContext, name: string, missingIsNull = false): string | null {
  try {
    const key = name.toLowerCase()
    return context.session.shownSetting?.(key) ?? context.setting(key)
  } catch (error) {
    if (missingIsNull && error instanceof OrbitError && error.details['sqlState'] === '42704') return null
    throw error
  }
}

/** How many bytes a character takes at most, by the encoding's number. */
const BYTES_MAX = [1, 3, 3, 3, 4, 3, 4, 4, ...Array.from({ length: 27 }, () => 1), 2, 2, 2, 2, 4, 3, 2]

/** What a session knows about itself. */
export const sessionFunctions: readonly ScalarFunction[] = [
  scalar('89 version() text stable', ({ session }) => `PostgreSQL ${session.serverVersion} (Orbit)`),
  scalar('861 current_database() name stable', ({ session }) => session.database),
  scalar('1402 current_schema() name stable', ({ session }) => session.searchPath[0] ?? null),
  scalar('1403 current_schemas(bool) _name stable', schemas),
  scalar('745 current_user() name stable', currentUser),
  scalar('710 getpgusername() name stable', currentUser),
  scalar('746 session_user() name stable', ({ session }) => session.sessionUser),
  scalar('2026 pg_backend_pid() int4 stable', ({ session }) => session.processId),
  scalar('2077 current_setting(text) text stable', setting),
  scalar('3294 current_setting(text,bool) text stable', setting),
  scalar('1597 pg_encoding_to_char(int4) name stable', (_, number: number) => encodingOfNumber(number)),
  scalar('1264 pg_char_to_encoding(name) int4 stable', (_, name: string) => numberOfEncoding(name)),
  scalar('2319 pg_encoding_max_length(int4) int4', (_, number: number) => BYTES_MAX[number] ?? null),
  scalar('1039 getdatabaseencoding() name stable', () => 'UTF8'),
  scalar('810 pg_client_encoding() name stable', () => 'UTF8'),
  scalar('3810 pg_is_in_recovery() bool volatile', () => false),
  scalar('3073 pg_is_wal_replay_paused() bool volatile', () => {
    throw queryError('object_not_in_prerequisite_state', 'recovery is not in progress', {
      hint: 'Recovery control functions can only be executed during recovery.',
    })
  }),
  scalar('3820 pg_last_wal_receive_lsn() pg_lsn volatile', () => null),
  scalar('3821 pg_last_wal_replay_lsn() pg_lsn volatile', () => null),
  scalar('3830 pg_last_xact_replay_timestamp() timestamptz volatile', () => null),
  scalar('1928 pg_stat_get_numscans(oid) int8 stable', () => 0),
  scalar('3163 pg_trigger_depth() int4 stable', () => 0),
  scalar('315 pg_jit_available() bool volatile', () => false),
  scalar('3298 row_security_active(oid) bool stable', () => false),
  scalar('3299 row_security_active(text) bool stable', () => false),
  scalar('2855 pg_is_other_temp_schema(oid) bool stable', () => false),
]
