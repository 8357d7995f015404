/** Who may do what: through themselves, the roles they are members of, PUBLIC and ownership. */
import type { CatalogRole, Privilege, PrivilegeTarget } from '../catalog-snapshot.js'
import { DEFAULT_SCHEMA } from './object-names.js'
import type { FactsValue, Grant } from './records.js'

/** What is looked up of the catalog. */
export interface PrivilegeSource {
  role(name: string): CatalogRole | undefined
  ownerOfClass(oid: number): string | undefined
  ownerOfSchema(name: string): string | undefined
  schemaOid(name: string): number | undefined
  facts(oid: number): FactsValue | undefined
  readonly databaseOid: number
  /** Of classes of the system, which everybody may read. */
  isSystemClass(oid: number): boolean
}

const SYSTEM_SCHEMAS: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema', 'orbit'])

/** The role and all whose privileges it has by inheritance. */
export function effectiveRoles(source: Pick<PrivilegeSource, 'role'>, name: string): Set<string> {
  const found = new Set<string>()
  const add = (each: string): void => {
    if (found.has(each)) return
    found.add(each)
    const role = source.role(each)
    if (role?.inherits === true) for (const group of role.memberOf) add(group)
  }
  add(name)
  return found
}

export function isAllowed(
  source: PrivilegeSource,
  name: string,
  privilege: Privilege,
  target: PrivilegeTarget,
): boolean {
  if (source.role(name)?.isSuperuser === true) return true
  const roles = effectiveRoles(source, name)
  const owner = ownerOf(source, target)
  if (owner !== undefined && roles.has(owner)) return true
  const grants = grantsOn(source, target)
  const column = target.kind === 'class' ? target.column : undefined
  const isGranted = grants?.some(
    (grant) =>
      (grant.grantee === '' || roles.has(grant.grantee)) &&
      (grant.column === undefined || grant.column === column) &&
      Object.hasOwn(grant.privileges, privilege),
  )
  if (isGranted === true) return true
  if (target.kind === 'class')
    return (
      isAllowedByPredefinedRole(roles, privilege) ||
      (source.isSystemClass(target.oid) && privilege === 'select')
    )
  return grants === undefined && isPublicByDefault(privilege, target)
}

function ownerOf(source: PrivilegeSource, target: PrivilegeTarget): string | undefined {
  switch (target.kind) {
    case 'class':
      return source.ownerOfClass(target.oid)
    case 'schema':
      return source.ownerOfSchema(target.name)
    case 'database':
      return source.facts(source.databaseOid)?.owner
  }
}

function grantsOn(source: PrivilegeSource, target: PrivilegeTarget): readonly Grant[] | undefined {
  const oid =
    target.kind === 'class'
      ? target.oid
      : target.kind === 'schema'
        ? source.schemaOid(target.name)
        : source.databaseOid
  return oid === undefined ? undefined : source.facts(oid)?.grants
}

/** What everybody may do where nobody has said otherwise. */
function isPublicByDefault(privilege: Privilege, target: PrivilegeTarget): boolean {
  if (target.kind === 'database') return privilege === 'connect' || privilege === 'temporary'
  if (target.kind !== 'schema' || privilege !== 'usage') return false
  return target.name === DEFAULT_SCHEMA || SYSTEM_SCHEMAS.has(target.name)
}

function isAllowedByPredefinedRole(roles: ReadonlySet<string>, privilege: Privilege): boolean {
  if (privilege === 'select') return roles.has('pg_read_all_data')
  const isWrite = privilege === 'insert' || privilege === 'update' || privilege === 'delete'
  return isWrite && roles.has('pg_write_all_data')
}
