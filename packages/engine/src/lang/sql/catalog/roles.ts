import type { CatalogRole } from '../catalog-snapshot.js'
import { SYSTEM_OIDS, objectOid } from './oids.js'
import type { RoleValue, SqlRecord } from './records.js'

/** Who owns what nobody in SQL made, and may do everything. */
export const SUPERUSER = 'orbit'

export const NEW_ROLE: RoleValue = {
  isSuperuser: false,
  canLogin: false,
  canCreateRole: false,
  canCreateDatabase: false,
  inherits: true,
  isReplication: false,
  bypassesRowSecurity: false,
  connectionLimit: -1,
  memberOf: [],
}

const SUPERUSER_VALUE: RoleValue = {
  ...NEW_ROLE,
  isSuperuser: true,
  canLogin: true,
  canCreateRole: true,
  canCreateDatabase: true,
  isReplication: true,
  bypassesRowSecurity: true,
}

/** Roles that are there without having been made, with PostgreSQL's oids. */
const PREDEFINED: readonly (readonly [string, number])[] = [
  ['pg_database_owner', 6171],
  ['pg_read_all_data', 6181],
  ['pg_write_all_data', 6182],
  ['pg_monitor', 3373],
  ['pg_read_all_settings', 3374],
  ['pg_read_all_stats', 3375],
  ['pg_stat_scan_tables', 3377],
  ['pg_read_server_files', 4569],
  ['pg_write_server_files', 4570],
  ['pg_execute_server_program', 4571],
  ['pg_signal_backend', 4200],
  ['pg_checkpoint', 4544],
]

/** A role with all that is known of it. */
export interface RoleEntry {
  readonly role: CatalogRole
  readonly value: RoleValue
  /** Undefined for roles that nobody made. */
  readonly id: number | undefined
}

export function roleEntries(records: readonly SqlRecord<'sql.role'>[]): RoleEntry[] {
  const made = new Map(records.map((record) => [record.name, record]))
  const first = made.get(SUPERUSER)
  const entries = [entryOf(SUPERUSER, SYSTEM_OIDS.superuser, first?.value ?? SUPERUSER_VALUE, first?.id)]
  for (const [name, oid] of PREDEFINED) {
    const record = made.get(name)
    entries.push(entryOf(name, oid, record?.value ?? NEW_ROLE, record?.id))
  }
  const known = new Set(entries.map(({ role }) => role.name))
  for (const { name, id, value } of records) {
    if (!known.has(name)) entries.push(entryOf(name, objectOid(id), value, id))
  }
  return entries
}

/** True for roles that cannot be dropped. */
export function isPredefinedRole(name: string): boolean {
  return name === SUPERUSER || PREDEFINED.some(([known]) => known === name)
}

function entryOf(name: string, oid: number, value: RoleValue, id: number | undefined): RoleEntry {
  const { verifier, validUntil } = value
  return {
    id,
    value,
    role: {
      oid,
      name,
      isSuperuser: value.isSuperuser,
      canLogin: value.canLogin,
      canCreateRole: value.canCreateRole,
      canCreateDatabase: value.canCreateDatabase,
      inherits: value.inherits,
      connectionLimit: value.connectionLimit,
      memberOf: value.memberOf.map(({ role }) => role),
      ...(verifier === undefined ? {} : { verifier }),
      ...(validUntil === undefined ? {} : { validUntilMicros: validUntil }),
    },
  }
}
