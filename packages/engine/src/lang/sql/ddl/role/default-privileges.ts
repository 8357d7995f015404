/** ALTER DEFAULT PRIVILEGES, and what it gives away of everything that is made afterwards. */
import { queryError } from '../../../../scalar/condition.js'
import type { Privilege } from '../../catalog-snapshot.js'
import type { DefaultKind, DefaultPrivilegesValue, Grant } from '../../catalog/records.js'
import { stringsOf, type AlterDefaultPrivilegesStmt, type DefElem, type GrantStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { putFacts } from '../put-facts.js'
import { requireSchema } from '../target-names.js'
import { ALL_PRIVILEGES } from './privilege-names.js'
import { roleName } from './role-name.js'

const KINDS: Readonly<Record<string, DefaultKind>> = {
  OBJECT_TABLE: 'table',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_SCHEMA: 'schema',
}

export async function alterDefaultPrivileges(
  ddl: DefinitionContext,
  { options = [], action }: AlterDefaultPrivilegesStmt,
): Promise<string> {
  const elements = options.flatMap((node) => ('DefElem' in node ? [node.DefElem] : []))
  const roles = rolesOf(ddl, elements)
  const schemas = schemasOf(ddl, elements)
  const kind = KINDS[action?.objtype ?? '']
  // Functions and types may be used by everybody.
  if (action === undefined || kind === undefined) return 'ALTER DEFAULT PRIVILEGES'
  if (kind === 'schema' && schemas[0] !== '')
    throw queryError(
      'invalid_grant_operation',
      'cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS',
    )
  for (const role of roles) {
    for (const schema of schemas) await changeDefaults(ddl, { role, schema, kind }, action)
  }
  return 'ALTER DEFAULT PRIVILEGES'
}

function rolesOf(ddl: DefinitionContext, elements: readonly DefElem[]): string[] {
  const arg = elements.find(({ defname }) => defname === 'roles')?.arg
  if (arg === undefined || !('List' in arg)) return [ddl.user]
  const names = (arg.List.items ?? []).flatMap((node) =>
    'RoleSpec' in node ? [roleName(ddl, node.RoleSpec)] : [],
  )
  for (const name of names) {
    if (!ddl.isSuperuser && !ddl.isMember(name))
      throw queryError('insufficient_privilege', 'permission denied to change default privileges')
  }
  return names
}

/** An empty name: in all. */
function schemasOf(ddl: DefinitionContext, elements: readonly DefElem[]): string[] {
  const arg = elements.find(({ defname }) => defname === 'schemas')?.arg
  if (arg === undefined || !('List' in arg)) return ['']
  const names = stringsOf(arg.List.items)
  for (const name of names) requireSchema(ddl, name)
  return names
}

type Place = Pick<DefaultPrivilegesValue, 'role' | 'schema' | 'kind'>

async function changeDefaults(ddl: DefinitionContext, place: Place, action: GrantStmt): Promise<void> {
  const name = JSON.stringify([place.role, place.schema, place.kind])
  const record = ddl.catalog.defaultPrivileges.find((each) => each.name === name)
  let grants = [...(record?.value.grants ?? [])]
  const privileges = privilegesOf(action, place.kind)
  for (const node of action.grantees ?? []) {
    if (!('RoleSpec' in node)) continue
    const grantee = roleName(ddl, node.RoleSpec)
    const at = grants.findIndex((each) => each.grantee === grantee)
    const known = grants[at]?.privileges ?? {}
    const changed =
      action.is_grant === true
        ? withPrivileges(known, privileges, action.grant_option === true)
        : withoutPrivileges(known, privileges, action.grant_option === true)
    const entry: Grant = { grantee, grantor: place.role, privileges: changed }
    const isEmpty = Object.keys(changed).length === 0
    if (at < 0) grants = isEmpty ? grants : [...grants, entry]
    else grants = isEmpty ? grants.toSpliced(at, 1) : grants.with(at, entry)
  }
  if (grants.length > 0) await ddl.put('sql.default-privileges', name, { ...place, grants }, record?.id)
  else if (record !== undefined) await ddl.delete(record)
}

function privilegesOf({ privileges }: GrantStmt, kind: DefaultKind): readonly Privilege[] {
  const all = ALL_PRIVILEGES[kind]
  if (privileges === undefined) return all
  return privileges.flatMap((node): Privilege[] => {
    if (!('AccessPriv' in node)) return []
    const name = (node.AccessPriv.priv_name ?? '').toLowerCase()
    if (node.AccessPriv.cols !== undefined)
      throw queryError('invalid_grant_operation', 'default privileges cannot be set for columns')
    const found = all.find((each) => each === name)
    if (found !== undefined) return [found]
    throw queryError(
      'invalid_grant_operation',
      `invalid privilege type ${name.toUpperCase()} for ${kind === 'table' ? 'relation' : kind}`,
    )
  })
}

type Held = Grant['privileges']

function withPrivileges(known: Held, added: readonly string[], mayHandOn: boolean): Held {
  return { ...known, ...Object.fromEntries(added.map((each) => [each, mayHandOn || known[each] === true])) }
}

function withoutPrivileges(known: Held, removed: readonly string[], onlyOption: boolean): Held {
  const entries = Object.entries(known)
  return Object.fromEntries(
    onlyOption
      ? entries.map(([name, option]) => [name, option && !removed.includes(name)])
      : entries.filter(([name]) => !removed.includes(name)),
  )
}

/** Gives what its owner's default privileges say of something new. */
export async function grantDefaults(
  ddl: DefinitionContext,
  { oid, owner, schema, kind }: { oid: number; owner: string; schema: string; kind: DefaultKind },
): Promise<void> {
  const grants = new Map<string, Grant>()
  for (const { value } of ddl.catalog.defaultPrivileges) {
    if (value.role !== owner || value.kind !== kind) continue
    if (value.schema !== '' && value.schema !== schema) continue
    for (const each of value.grants) {
      // The owner has everything anyway.
      if (each.grantee === owner) continue
      const known = grants.get(each.grantee)
      grants.set(each.grantee, { ...each, privileges: { ...known?.privileges, ...each.privileges } })
    }
  }
  if (grants.size > 0) await putFacts(ddl, oid, (facts) => ({ ...facts, grants: [...grants.values()] }))
}

/** Forgets what is of these roles, or for them. */
export async function dropDefaults(ddl: DefinitionContext, roles: ReadonlySet<string>): Promise<void> {
  for (const record of ddl.catalog.defaultPrivileges) {
    const grants = record.value.grants.filter(({ grantee }) => !roles.has(grantee))
    if (roles.has(record.value.role) || grants.length === 0) await ddl.delete(record)
    else if (grants.length < record.value.grants.length)
      await ddl.put('sql.default-privileges', record.name, { ...record.value, grants }, record.id)
  }
}
