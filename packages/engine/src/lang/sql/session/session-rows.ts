/** Rows of `pg_catalog` about the sessions of this server, and about this one. */
import { SqlArray } from '../../../scalar/array/sql-array.js'
import { parseNumeric } from '../../../scalar/numeric/parse-numeric.js'
import { int64, type Value } from '../../../scalar/value.js'
import type { CatalogClass } from '../catalog-snapshot.js'
import { SYSTEM_OIDS } from '../catalog/oids.js'
import { EXTENSIONS } from '../ddl/other/available-extensions.js'
import { SETTING_DEFINITIONS, type SettingDefinition } from './setting-definitions.js'
import type { ShownLock } from './session-locks.js'
import type { SessionState } from './session-state.js'

const AVAILABLE = Object.entries(EXTENSIONS).map(([name, facts]) => ({ name, ...facts }))

type SystemRow = Readonly<Record<string, Value>>

/** The rows of one relation; none where the session has nothing to say. */
export function sessionRows(state: SessionState, relation: string): Iterable<SystemRow> {
  return ROWS[relation]?.(state) ?? []
}

const ROWS: Readonly<Record<string, (state: SessionState) => Iterable<SystemRow>>> = {
  pg_stat_activity: activities,
  pg_available_extensions: () =>
    AVAILABLE.map(({ name, version, comment }) => ({ name, default_version: version, comment })),
  pg_available_extension_versions: () =>
    AVAILABLE.map(({ name, version, comment }) => ({
      name,
      version,
      superuser: true,
      trusted: false,
      relocatable: true,
      comment,
    })),
  pg_stat_ssl: encryptions,
  pg_stat_gssapi: ({ engine }) =>
    [...engine.sessions.values()].map(({ processId }) => ({
      pid: processId,
      gss_authenticated: false,
      encrypted: false,
    })),
  pg_stat_database: ({ engine, scalar }) => [
    { datid: 0, numbackends: 0 },
    { datid: SYSTEM_OIDS.database, datname: scalar.session.database, numbackends: engine.sessions.size },
  ],
  pg_settings: (state) => SETTING_DEFINITIONS.map((definition) => settingRow(state, definition)),
  pg_sequence_parameters: ({ catalog }) => [...catalog.classes()].flatMap(sequenceParameters),
  pg_locks: ({ engine }) => [...engine.locks.shown()].map(lockRow),
  pg_listening_channels: (state) =>
    state.engine.notifications.channelsOf(state).map((channel) => ({ channel })),
  pg_cursors: ({ cursors }) =>
    [...cursors.values()].map(({ name, text, isHoldable, isScrollable, createdMicros }) => ({
      name,
      statement: text,
      is_holdable: isHoldable,
      is_binary: false,
      is_scrollable: isScrollable,
      creation_time: createdMicros,
    })),
  pg_prepared_statements: ({ prepared }) =>
    [...prepared].map(([name, { statement, parameters }]) => ({
      name,
      statement: statement.text,
      parameter_types: new SqlArray(parameters.map(({ scalar }) => scalar.oid)),
    })),
}

function sequenceParameters(each: CatalogClass): SystemRow[] {
  if (each.kind !== 'sequence') return []
  const { oid, start, min, max, increment, cycle, cache, type } = each
  return [
    {
      oid,
      start_value: int64(start),
      minimum_value: int64(min),
      maximum_value: int64(max),
      increment: int64(increment),
      cycle_option: cycle,
      cache_size: cache,
      data_type: type.oid,
    },
  ]
}

/** What others run is shown to superusers and to their own user. */
function activities(state: SessionState): SystemRow[] {
  const roles = new Map(state.catalog.roles().map((role) => [role.name, role]))
  const seesAll = roles.get(state.user)?.isSuperuser === true
  return [...state.engine.sessions.values()].map((session) => {
    const { activity, transaction, settings, sessionUser, client } = session
    const shown: SystemRow = {
      datid: SYSTEM_OIDS.database,
      datname: state.scalar.session.database,
      pid: session.processId,
      usesysid: roles.get(sessionUser)?.oid ?? null,
      usename: sessionUser,
    }
    if (!seesAll && sessionUser !== state.user) return { ...shown, query: '<insufficient privilege>' }
    const isInTransaction = transaction.status !== 'idle' || activity.isRunning
    return {
      ...shown,
      application_name: settings.get('application_name'),
      client_addr: client.address ?? null,
      client_port: client.port ?? null,
      backend_start: activity.startedMicros,
      xact_start: isInTransaction ? transaction.startedMicros : null,
      query_start: activity.queryMicros ?? null,
      state_change: activity.changedMicros,
      state: stateOf(activity.isRunning, transaction.status),
      query: activity.text,
      backend_type: 'client backend',
    }
  })
}

/** Of others' sessions, superusers alone see more than whether they are encrypted. */
function encryptions(state: SessionState): SystemRow[] {
  const isSuperuser = state.catalog.roles().some(({ name, isSuperuser: is }) => is && name === state.user)
  return [...state.engine.sessions.values()].map(({ processId, sessionUser, client: { tls } }) => {
    if (!isSuperuser && sessionUser !== state.user) return { pid: processId }
    return {
      pid: processId,
      ssl: tls !== undefined,
      version: tls?.version ?? null,
      cipher: tls?.cipher ?? null,
      bits: tls?.bits ?? null,
      client_dn: tls?.clientName ?? null,
      client_serial: tls?.serial === undefined ? null : parseNumeric(tls.serial),
      issuer_dn: tls?.issuer ?? null,
    }
  })
}

function stateOf(isRunning: boolean, status: SessionState['transaction']['status']): string {
  if (isRunning) return 'active'
  if (status === 'idle') return 'idle'
  return status === 'failed' ? 'idle in transaction (aborted)' : 'idle in transaction'
}

function settingRow({ settings }: SessionState, definition: SettingDefinition): SystemRow {
  const { name, kind, description, context } = definition
  const isNumber = kind === 'integer' || kind === 'real'
  const current = settings.get(name)
  return {
    name,
    setting: current,
    unit: isNumber ? (definition.unit ?? null) : null,
    category: 'Orbit',
    short_desc: description,
    context: context === 'internal' ? 'internal' : context === 'start' ? 'postmaster' : 'user',
    vartype: kind,
    source:
      context === 'internal' || current === definition.default
        ? 'default'
        : current === settings.initial(name)
          ? 'configuration file'
          : 'session',
    min_val: isNumber ? String(definition.min) : null,
    max_val: isNumber ? String(definition.max) : null,
    enumvals: kind === 'enum' ? new SqlArray(definition.values) : null,
    boot_val: definition.default,
    reset_val: settings.initial(name),
    pending_restart: false,
  }
}

const MODE_NAMES = [
  '',
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
]

/** A key is `t` and an oid, or `a` and one or two numbers. */
function lockRow({ key, processId, mode, isGranted }: ShownLock): SystemRow {
  const common = {
    database: SYSTEM_OIDS.database,
    pid: processId,
    mode: MODE_NAMES[mode] ?? null,
    granted: isGranted,
    fastpath: false,
  }
  if (key.startsWith('t')) return { ...common, locktype: 'relation', relation: Number(key.slice(1)) }
  const [first = '0', second] = key.slice(1).split(':')
  const whole = BigInt.asUintN(64, BigInt(first))
  return {
    ...common,
    locktype: 'advisory',
    classid: second === undefined ? Number(whole >> 32n) : Number(first) >>> 0,
    objid: second === undefined ? Number(whole & 0xffff_ffffn) : Number(second) >>> 0,
    objsubid: second === undefined ? 1 : 2,
  }
}
