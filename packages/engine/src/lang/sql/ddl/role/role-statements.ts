/** CREATE, ALTER and DROP ROLE; GRANT and REVOKE of roles. */
import type { LoadedCatalog } from '../../catalog/snapshot.js'
import { queryError, unsupported } from '../../../../scalar/condition.js'
import { objectOid } from '../../catalog/oids.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { RoleValue } from '../../catalog/records.js'
import { NEW_ROLE, isPredefinedRole } from '../../catalog/roles.js'
import {
  stringOf,
  type AlterRoleStmt,
  type CreateRoleStmt,
  type DefElem,
  type DropRoleStmt,
  type GrantRoleStmt,
  type Node,
} from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { roleName } from './role-name.js'
import { passwordVerifier } from './scram-verifier.js'

export async function createRole(ddl: DefinitionContext, statement: CreateRoleStmt): Promise<string> {
  const name = statement.role ?? ''
  if (name === 'public' || name === 'none')
    throw queryError('reserved_name', `role name "${name}" is reserved`)
  if (name.startsWith('pg_'))
    throw queryError('reserved_name', `role name "${name}" is reserved`, {
      detail: 'Role names starting with "pg_" are reserved.',
    })
  requireCreateRole(ddl, 'create role')
  if (ddl.catalog.role(name) !== undefined)
    throw queryError('duplicate_object', `role "${name}" already exists`)
  const fresh: RoleValue = { ...NEW_ROLE, canLogin: statement.stmt_type === 'ROLESTMT_USER' }
  const options = optionsOf(statement.options)
  const value = await withOptions(ddl, fresh, options)
  await ddl.put('sql.role', name, value)
  for (const [option, names] of memberships(ddl, options)) {
    if (option === 'addroleto') for (const group of names) await addMember(ddl, group, name, false)
    else for (const member of names) await addMember(ddl, name, member, option === 'adminmembers')
  }
  return 'CREATE ROLE'
}

export async function alterRole(ddl: DefinitionContext, statement: AlterRoleStmt): Promise<string> {
  const name = roleName(ddl, statement.role)
  const entry = ddl.catalog.roleEntry(name)
  if (entry === undefined) throw queryError('undefined_object', `role "${name}" does not exist`)
  const options = optionsOf(statement.options)
  const isOwnPassword = name === ddl.user && options.every(({ defname }) => defname === 'password')
  if (!isOwnPassword) requireCreateRole(ddl, 'alter role')
  if (entry.value.isSuperuser && !ddl.isSuperuser)
    throw queryError(
      'insufficient_privilege',
      'must be superuser to alter superuser roles or change superuser attribute',
    )
  const members = memberships(ddl, options)
  for (const [, names] of members) {
    for (const member of names) {
      if (statement.action === -1) await removeMember(ddl, name, member, false)
      else await addMember(ddl, name, member, false)
    }
  }
  if (members.length > 0) return 'ALTER ROLE'
  const value = await withOptions(ddl, entry.value, options)
  await ddl.put('sql.role', name, value, entry.id)
  return 'ALTER ROLE'
}

export async function dropRole(ddl: DefinitionContext, statement: DropRoleStmt): Promise<string> {
  requireCreateRole(ddl, 'drop role')
  for (const node of statement.roles ?? []) {
    const name = 'RoleSpec' in node ? (node.RoleSpec.rolename ?? '') : ''
    const entry = ddl.catalog.roleEntry(name)
    if (entry === undefined) {
      if (statement.missing_ok !== true) throw queryError('undefined_object', `role "${name}" does not exist`)
      ddl.notice(`role "${name}" does not exist, skipping`)
      continue
    }
    if (name === ddl.user) throw queryError('object_in_use', 'current user cannot be dropped')
    if (isPredefinedRole(name))
      throw queryError(
        'dependent_objects_still_exist',
        `cannot drop role ${name} because it is required by the database system`,
      )
    requireNothingOwned(ddl, name)
    for (const { role, value, id } of ddl.catalog.roleEntries) {
      if (value.memberOf.some((membership) => membership.role === name))
        await ddl.put(
          'sql.role',
          role.name,
          { ...value, memberOf: value.memberOf.filter((each) => each.role !== name) },
          id,
        )
    }
    await ddl.delete({ kind: 'sql.role', name })
  }
  return 'DROP ROLE'
}

export async function grantRole(ddl: DefinitionContext, statement: GrantRoleStmt): Promise<string> {
  const isGrant = statement.is_grant === true
  const isAdmin = optionsOf(statement.opt).some(({ defname }) => defname === 'admin')
  const groups = (statement.granted_roles ?? []).flatMap((node) =>
    'AccessPriv' in node ? [node.AccessPriv.priv_name ?? ''] : [],
  )
  const members = (statement.grantee_roles ?? []).flatMap((node) =>
    'RoleSpec' in node ? [roleName(ddl, node.RoleSpec)] : [],
  )
  for (const group of groups) {
    if (ddl.catalog.role(group) === undefined)
      throw queryError('undefined_object', `role "${group}" does not exist`)
    requireAdmin(ddl, group)
    for (const member of members) {
      if (isGrant) await addMember(ddl, group, member, isAdmin)
      else await removeMember(ddl, group, member, isAdmin)
    }
  }
  return isGrant ? 'GRANT ROLE' : 'REVOKE ROLE'
}

function requireAdmin(ddl: DefinitionContext, group: string): void {
  const own = ddl.catalog.roleEntry(ddl.user)?.value.memberOf
  const isAdmin = own?.some(({ role, withAdmin }) => role === group && withAdmin) === true
  if (ddl.isSuperuser || isAdmin || ddl.catalog.role(ddl.user)?.canCreateRole === true) return
  throw queryError('insufficient_privilege', `must have admin option on role "${group}"`)
}

async function addMember(
  ddl: DefinitionContext,
  group: string,
  member: string,
  withAdmin: boolean,
): Promise<void> {
  const entry = ddl.catalog.roleEntry(member)
  if (entry === undefined) throw queryError('undefined_object', `role "${member}" does not exist`)
  if (isMemberOf(ddl, group, member))
    throw queryError('invalid_grant_operation', `role "${group}" is a member of role "${member}"`)
  const { memberOf } = entry.value
  const known = memberOf.find(({ role }) => role === group)
  if (known !== undefined && (known.withAdmin || !withAdmin)) {
    ddl.notice(`role "${member}" is already a member of role "${group}"`)
    return
  }
  const others = memberOf.filter(({ role }) => role !== group)
  const value = { ...entry.value, memberOf: [...others, { role: group, withAdmin, grantor: ddl.user }] }
  await ddl.put('sql.role', member, value, entry.id)
}

/** True when the group is, through others or not, a member of the member. */
function isMemberOf(ddl: DefinitionContext, group: string, member: string): boolean {
  if (group === member) return true
  return ddl.catalog.role(group)?.memberOf.some((each) => isMemberOf(ddl, each, member)) === true
}

async function removeMember(
  ddl: DefinitionContext,
  group: string,
  member: string,
  onlyAdmin: boolean,
): Promise<void> {
  const entry = ddl.catalog.roleEntry(member)
  if (entry?.value.memberOf.some(({ role }) => role === group) !== true) {
    ddl.warning(`role "${member}" is not a member of role "${group}"`)
    return
  }
  const memberOf = entry.value.memberOf.flatMap((each) => {
    if (each.role !== group) return [each]
    return onlyAdmin ? [{ ...each, withAdmin: false }] : []
  })
  await ddl.put('sql.role', member, { ...entry.value, memberOf }, entry.id)
}

function requireCreateRole(ddl: DefinitionContext, what: string): void {
  if (ddl.isSuperuser || ddl.catalog.role(ddl.user)?.canCreateRole === true) return
  throw queryError('insufficient_privilege', `permission denied to ${what}`)
}

const NEW = { table: 'relations', sequence: 'sequences', schema: 'schemas' } as const

/** What else would be left without an owner or with privileges of nobody. */
function requireNothingOwned(ddl: DefinitionContext, name: string): void {
  const { catalog } = ddl
  const owned: string[] = []
  for (const schema of catalog.schemas())
    if (schema.owner === name) owned.push(`owner of schema ${schema.name}`)
  for (const table of catalog.tables)
    if (catalog.facts(objectOid(table.id))?.owner === name)
      owned.push(`owner of table ${splitObjectName(table.name).name}`)
  for (const { id, value } of catalog.views)
    if ((catalog.facts(objectOid(id))?.owner ?? value.owner) === name)
      owned.push(`owner of view ${value.name}`)
  for (const { id, value } of catalog.sequences)
    if ((catalog.facts(objectOid(id))?.owner ?? value.owner) === name)
      owned.push(`owner of sequence ${value.name}`)
  for (const { value } of catalog.typeRecords)
    if (value.owner === name) owned.push(`owner of type ${value.name}`)
  for (const [oid, facts] of catalog.allFacts())
    if (facts.grants?.some(({ grantee }) => grantee === name) === true)
      owned.push(`privileges for ${describeObject(catalog, oid)}`)
  for (const { value } of catalog.defaultPrivileges) {
    const where = value.schema === '' ? '' : ` in schema ${value.schema}`
    const what = `default privileges on new ${NEW[value.kind]} belonging to role ${value.role}${where}`
    if (value.role === name) owned.push(`owner of ${what}`)
    else if (value.grants.some(({ grantee }) => grantee === name)) owned.push(`privileges for ${what}`)
  }
  if (owned.length === 0) return
  throw queryError(
    'dependent_objects_still_exist',
    `role "${name}" cannot be dropped because some objects depend on it`,
    { detail: owned.join('\n') },
  )
}

function describeObject(catalog: LoadedCatalog, oid: number): string {
  const found = catalog.classByOid(oid)
  if (found !== undefined)
    return `${found.kind === 'relation' ? 'table' : found.kind} ${catalog.nameOf('class', oid) ?? oid}`
  const schema = catalog.nameOf('namespace', oid)
  return schema === undefined ? `object ${oid}` : `schema ${schema}`
}

function optionsOf(nodes: readonly Node[] | undefined): DefElem[] {
  return (nodes ?? []).flatMap((node) => ('DefElem' in node ? [node.DefElem] : []))
}

function memberships(
  ddl: DefinitionContext,
  options: readonly DefElem[],
): [option: string, names: string[]][] {
  return options.flatMap(({ defname = '', arg }): [string, string[]][] => {
    if (!['addroleto', 'rolemembers', 'adminmembers'].includes(defname)) return []
    const items = arg !== undefined && 'List' in arg ? (arg.List.items ?? []) : []
    return [[defname, items.flatMap((node) => ('RoleSpec' in node ? [roleName(ddl, node.RoleSpec)] : []))]]
  })
}

async function withOptions(
  ddl: DefinitionContext,
  before: RoleValue,
  options: readonly DefElem[],
): Promise<RoleValue> {
  let value = before
  for (const { defname, arg } of options) {
    const flag = arg !== undefined && 'Boolean' in arg && arg.Boolean.boolval === true
    switch (defname) {
      case 'superuser':
        if (!ddl.isSuperuser)
          throw queryError('insufficient_privilege', 'must be superuser to create superusers')
        value = { ...value, isSuperuser: flag }
        break
      case 'canlogin':
        value = { ...value, canLogin: flag }
        break
      case 'createrole':
        value = { ...value, canCreateRole: flag }
        break
      case 'createdb':
        value = { ...value, canCreateDatabase: flag }
        break
      case 'inherit':
        value = { ...value, inherits: flag }
        break
      case 'isreplication':
        value = { ...value, isReplication: flag }
        break
      case 'bypassrls':
        value = { ...value, bypassesRowSecurity: flag }
        break
      case 'connectionlimit':
        value = {
          ...value,
          connectionLimit: arg !== undefined && 'Integer' in arg ? (arg.Integer.ival ?? 0) : -1,
        }
        break
      case 'validUntil':
        value = { ...value, validUntil: moment(ddl, stringOf(arg) ?? '') }
        break
      case 'password':
        value = await withPassword(ddl, value, stringOf(arg))
        break
      case 'addroleto':
      case 'rolemembers':
      case 'adminmembers':
      case 'sysid':
        break
      default:
        throw unsupported(`the role option ${defname ?? ''}`)
    }
  }
  return value
}

async function withPassword(
  ddl: DefinitionContext,
  value: RoleValue,
  password: string | undefined,
): Promise<RoleValue> {
  const { verifier: _, ...rest } = value
  if (password === undefined) return rest
  if (password === '') {
    ddl.notice('empty string is not a valid password, clearing password')
    return rest
  }
  if (/^md5[0-9a-f]{32}$/.test(password)) throw unsupported('a password in MD5 form')
  return { ...rest, verifier: await passwordVerifier(ddl.state.env, password) }
}

function moment(ddl: DefinitionContext, text: string): number {
  const type = ddl.catalog.registry.typeByName('timestamptz')
  const value = type?.parse(text, -1, ddl.state.scalar)
  return value === Infinity ? Number.MAX_SAFE_INTEGER : Number(value)
}
