/** REASSIGN OWNED and DROP OWNED: all that is some role's. */
import { queryError } from '../../../../scalar/condition.js'
import { objectOid } from '../../catalog/oids.js'
import { SUPERUSER } from '../../catalog/roles.js'
import type { DropOwnedStmt, Node, ReassignOwnedStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { dropObjects } from '../drop/drop-objects.js'
import type { DropTarget } from '../drop/drop-target.js'
import { putFacts } from '../put-facts.js'
import { dropDefaults } from './default-privileges.js'
import { roleName } from './role-name.js'

interface Owned {
  readonly target: DropTarget
  readonly oid: number
}

export async function reassignOwned(ddl: DefinitionContext, statement: ReassignOwnedStmt): Promise<string> {
  const roles = rolesOf(ddl, statement.roles)
  const owner = roleName(ddl, statement.newrole)
  if (!ddl.isMember(owner) && !ddl.isSuperuser)
    throw queryError('insufficient_privilege', 'permission denied to reassign objects')
  for (const { target, oid } of ownedBy(ddl, roles)) {
    const type = ddl.catalog.typeRecords.find(({ id }) => target.kind === 'type' && target.id === id)
    if (type !== undefined) await ddl.put('sql.type', type.name, { ...type.value, owner }, type.id)
    else await putFacts(ddl, oid, (facts) => ({ ...facts, owner }))
  }
  return 'REASSIGN OWNED'
}

export async function dropOwned(ddl: DefinitionContext, statement: DropOwnedStmt): Promise<string> {
  const roles = rolesOf(ddl, statement.roles)
  const targets = ownedBy(ddl, roles).map(({ target }) => target)
  await dropObjects(ddl, targets, statement.behavior === 'DROP_CASCADE')
  for (const [oid, { grants }] of [...ddl.catalog.allFacts()]) {
    if (grants?.some(({ grantee }) => roles.has(grantee)) !== true) continue
    const left = grants.filter(({ grantee }) => !roles.has(grantee))
    await putFacts(ddl, oid, (facts) => ({ ...facts, grants: left }))
  }
  await dropDefaults(ddl, roles)
  return 'DROP OWNED'
}

function rolesOf(ddl: DefinitionContext, nodes: readonly Node[] | undefined): ReadonlySet<string> {
  const names = (nodes ?? []).flatMap((node) => ('RoleSpec' in node ? [roleName(ddl, node.RoleSpec)] : []))
  for (const name of names) {
    if (!ddl.isMember(name) && !ddl.isSuperuser)
      throw queryError('insufficient_privilege', 'permission denied to drop objects')
  }
  return new Set(names)
}

function ownedBy({ catalog }: DefinitionContext, roles: ReadonlySet<string>): Owned[] {
  const isOwned = (oid: number, owner: string): boolean => roles.has(catalog.facts(oid)?.owner ?? owner)
  const found: Owned[] = []
  const add = (target: DropTarget, oid: number, owner: string): void => {
    if (isOwned(oid, owner)) found.push({ target, oid })
  }
  const stored = new Set(catalog.views.flatMap(({ value }) => value.storage ?? []))
  for (const { id, name } of catalog.tables)
    if (!stored.has(name)) add({ kind: 'table', id }, objectOid(id), SUPERUSER)
  for (const { id, value } of catalog.views) add({ kind: 'view', id }, objectOid(id), value.owner)
  for (const { id, value } of catalog.sequences)
    if (value.isIdentity !== true) add({ kind: 'sequence', id }, objectOid(id), value.owner)
  for (const { id, value } of catalog.typeRecords) add({ kind: 'type', id }, objectOid(id), value.owner)
  for (const { id, name, value } of catalog.schemaRecords)
    if (value.isDropped !== true) add({ kind: 'schema', name }, objectOid(id), value.owner)
  return found
}
