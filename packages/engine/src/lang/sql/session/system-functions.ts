/** Functions that ask the session, by name; see `scalar/functions/system/catalog-functions.ts` for their signatures. */
import { delay } from '@orbit-ts/base'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import { queryError, unsupported } from '../../../scalar/condition.js'
import type { Interval } from '../../../scalar/temporal/interval.js'
import type { Value } from '../../../scalar/value.js'
import { catalogFunction } from '../catalog/system/catalog-functions.js'
import { temporarySchema } from '../catalog/temporary-schema.js'
import { VOID, isAdvisory, runAdvisory } from './advisory-locks.js'
import { signalBackend } from './backend-functions.js'
import { notify } from './notifications.js'
import type { StatementScope } from './statement-scope.js'
import { setRole } from './setting-statements.js'
import type { SessionState } from './session-state.js'

export async function invokeSystemFunction(
  state: SessionState,
  scope: StatementScope,
  name: string,
  args: readonly Value[],
): Promise<Value> {
  const own = SESSION_FUNCTIONS[name]
  if (own !== undefined) return own(state, scope, args)
  if (isAdvisory(name)) return runAdvisory(state, scope, name, args)
  const found = catalogFunction(name, args, {
    catalog: scope.catalog,
    user: state.user,
    searchPath: state.scalar.session.searchPath,
    scalar: state.scalar,
  })
  if (found !== undefined) return found.value
  throw unsupported(`${name}()`)
}

type SessionFunction = (
  state: SessionState,
  scope: StatementScope,
  args: readonly Value[],
) => Value | Promise<Value>

const SESSION_FUNCTIONS: Readonly<Record<string, SessionFunction>> = {
  set_config: (state, _, [name, value, isLocal]) => {
    if (typeof name !== 'string') throw queryError('null_value_not_allowed', 'SET requires parameter name')
    const text = typeof value === 'string' ? value : undefined
    if (name.toLowerCase() === 'role') setRole(state, text ?? 'none', isLocal === true)
    else state.settings.set(name, text, isLocal === true)
    return state.settings.show(name)
  },
  pg_sleep: async (state, { signal }, [seconds]) => {
    await sleep(state, signal, Number(seconds) * 1000)
    return VOID
  },
  pg_sleep_for: async (state, { signal }, [span]) => {
    const { months, days, micros } = span as Interval
    await sleep(state, signal, (months * 30 + days) * 86_400_000 + micros / 1000)
    return VOID
  },
  pg_my_temp_schema: (state, { catalog }) => catalog.schema(temporarySchema(state.processId))?.oid ?? 0,
  pg_blocking_pids: (state, _, [processId]) => new SqlArray(state.engine.locks.blockersOf(Number(processId))),
  pg_cancel_backend: (state, scope, [processId]) => signalBackend(state, scope, 'cancel', processId),
  pg_terminate_backend: (state, scope, [processId]) => signalBackend(state, scope, 'terminate', processId),
  pg_notify: (state, _, [channel, payload]) => {
    notify(state, typeof channel === 'string' ? channel : '', typeof payload === 'string' ? payload : '')
    return VOID
  },
  pg_sleep_until: async (state, { signal }, [at]) => {
    await sleep(state, signal, (Number(at) - state.env.clock.nowMs() * 1000) / 1000)
    return VOID
  },
  // Tables have no files of their own: how much each takes of the store is not known.
  pg_relation_size: () => null,
  pg_table_size: () => null,
  pg_indexes_size: () => null,
  pg_total_relation_size: () => null,
  pg_database_size: () => null,
  pg_tablespace_size: () => null,
  inet_client_addr: ({ client }) => client.address ?? null,
  inet_client_port: ({ client }) => client.port ?? null,
  inet_server_addr: ({ client }) => client.serverAddress ?? null,
  inet_server_port: ({ client }) => client.serverPort ?? null,
  pg_notification_queue_usage: () => 0,
  pg_postmaster_start_time: (state) => state.engine.startedMicros,
  pg_conf_load_time: (state) => state.engine.startedMicros,
}

async function sleep(state: SessionState, signal: AbortSignal, ms: number): Promise<void> {
  if (ms > 0) await delay(state.env, ms, signal)
}
