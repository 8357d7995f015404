import { queryError } from '../../../scalar/condition.js'
import type { RequiredPrivilege } from '../bind/bind-context.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'

/** @throws insufficient_privilege naming the first object that is missing one */
export function checkPrivileges(
  catalog: CatalogSnapshot,
  user: string,
  required: readonly RequiredPrivilege[],
): void {
  for (const each of required) {
    const role = each.role ?? user
    if (isAllowed(catalog, role, each)) continue
    if (each.kind === 'schema')
      throw queryError('insufficient_privilege', `permission denied for schema ${each.name}`)
    const found = catalog.classByOid(each.oid)
    const what = found?.kind === 'relation' || found === undefined ? 'table' : found.kind
    throw queryError('insufficient_privilege', `permission denied for ${what} ${each.name}`)
  }
}

function isAllowed(catalog: CatalogSnapshot, role: string, required: RequiredPrivilege): boolean {
  const { privilege } = required
  if (required.kind === 'schema')
    return catalog.isAllowed(role, privilege, { kind: 'schema', name: required.name })
  const target = { kind: 'class', oid: required.oid } as const
  if (catalog.isAllowed(role, privilege, target)) return true
  const { columns } = required
  if (columns === undefined) return false
  const isColumnAllowed = (column: string): boolean =>
    catalog.isAllowed(role, privilege, { ...target, column })
  if (columns.length > 0) return columns.every(isColumnAllowed)
  const found = catalog.classByOid(required.oid)
  const all =
    found?.kind === 'relation' ? found.relation.columns : found?.kind === 'view' ? found.columns : []
  return all.some(({ name }) => isColumnAllowed(name))
}
