/** GRANT and REVOKE of privileges on objects. */
import { queryError, unsupported } from '../../../../scalar/condition.js'
import type { Privilege } from '../../catalog-snapshot.js'
import { SYSTEM_OIDS } from '../../catalog/oids.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { Grant } from '../../catalog/records.js'
import { stringsOf, type GrantStmt, type Node } from '../../parse/tree.js'
import { objectWord } from '../object-word.js'
import type { DefinitionContext } from '../definition-context.js'
import { putFacts } from '../put-facts.js'
import { roleName } from './role-name.js'
import { ALL_PRIVILEGES } from './privilege-names.js'
import { givenName, requireRelation, requireSchema, shown } from '../target-names.js'

interface Target {
  readonly oid: number
  readonly what: string
  readonly owner: string
  readonly kind: 'table' | 'sequence' | 'schema' | 'database'
  readonly columns: readonly string[]
}

const ALL: Readonly<Record<Target['kind'], readonly Privilege[]>> = ALL_PRIVILEGES

/** Every privilege that there is, on one kind of object or another. */
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.values(ALL).flat(),
  'temp',
  'execute',
  'set',
  'alter system',
])

const COLUMN_PRIVILEGES: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'references'])

/** One privilege, on the whole or on some columns. */
interface Wanted {
  readonly privilege: Privilege
  readonly columns: readonly string[]
}

export async function grant(ddl: DefinitionContext, statement: GrantStmt): Promise<string> {
  const isGrant = statement.is_grant === true
  const tag = isGrant ? 'GRANT' : 'REVOKE'
  if (IGNORED.has(statement.objtype ?? '')) return tag
  const grantees = (statement.grantees ?? []).flatMap((node) =>
    'RoleSpec' in node ? [roleName(ddl, node.RoleSpec)] : [],
  )
  const grantor = statement.grantor === undefined ? ddl.user : roleName(ddl, statement.grantor)
  if (grantor !== ddl.user && !ddl.isMember(grantor))
    throw queryError('invalid_authorization_specification', 'grantor must be current user')
  for (const target of targetsOf(ddl, statement)) {
    const wanted = privilegesOf(statement, target)
    requireGrantable(ddl, target, wanted)
    for (const grantee of grantees) {
      for (const each of wanted) {
        if (isGrant) await add(ddl, target, grantee, grantor, each, statement.grant_option === true)
        else await remove(ddl, target, grantee, each, statement.grant_option === true)
      }
    }
  }
  return tag
}

/** Kinds that everybody may use anyway. */
const IGNORED: ReadonlySet<string> = new Set([
  'OBJECT_FUNCTION',
  'OBJECT_ROUTINE',
  'OBJECT_PROCEDURE',
  'OBJECT_TYPE',
  'OBJECT_LANGUAGE',
  'OBJECT_PARAMETER_ACL',
])

function targetsOf(ddl: DefinitionContext, statement: GrantStmt): Target[] {
  const objects = statement.objects ?? []
  if (statement.targtype === 'ACL_TARGET_ALL_IN_SCHEMA')
    return objects.flatMap((node) => allIn(ddl, statement, node))
  switch (statement.objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_SEQUENCE':
      return objects.flatMap((node) => ('RangeVar' in node ? [relationTarget(ddl, node.RangeVar)] : []))
    case 'OBJECT_SCHEMA':
      return stringsOf(objects).map((name): Target => {
        requireSchema(ddl, name)
        const schema = ddl.catalog.schema(name)
        return {
          oid: schema?.oid ?? 0,
          what: `schema ${name}`,
          owner: schema?.owner ?? '',
          kind: 'schema',
          columns: [],
        }
      })
    case 'OBJECT_DATABASE':
      return stringsOf(objects).map((name): Target => {
        if (name !== ddl.state.engine.databaseName)
          throw queryError('invalid_catalog_name', `database "${name}" does not exist`)
        const owner = ddl.catalog.facts(SYSTEM_OIDS.database)?.owner ?? ''
        return { oid: SYSTEM_OIDS.database, what: `database ${name}`, owner, kind: 'database', columns: [] }
      })
    default:
      throw unsupported(`GRANT ON ${objectWord(statement.objtype ?? '')}`)
  }
}

function relationTarget(ddl: DefinitionContext, relation: Parameters<typeof givenName>[0]): Target {
  const given = givenName(relation)
  const found = requireRelation(ddl, given)
  if (found.kind === 'index') throw queryError('wrong_object_type', `"${given.name}" is an index`)
  const columns =
    found.kind === 'table'
      ? found.table.definition.columns
      : found.kind === 'view'
        ? found.view.value.columns
        : found.kind === 'other' && found.found.kind === 'relation'
          ? found.found.relation.columns
          : []
  return {
    oid: found.oid,
    what: `${found.kind === 'sequence' ? 'sequence' : found.kind === 'view' ? 'view' : 'table'} ${shown(given)}`,
    owner: found.owner,
    kind: found.kind === 'sequence' ? 'sequence' : 'table',
    columns: columns.map(({ name }) => name),
  }
}

function allIn(ddl: DefinitionContext, { objtype }: GrantStmt, node: Node): Target[] {
  const [schema = ''] = stringsOf([node])
  requireSchema(ddl, schema)
  const { catalog } = ddl
  if (objtype === 'OBJECT_SEQUENCE')
    return catalog.sequences
      .filter(({ value }) => value.schema === schema)
      .map(({ value }) => relationTarget(ddl, { schemaname: schema, relname: value.name }))
  const stored = new Set(catalog.views.flatMap(({ value }) => value.storage ?? []))
  const names = [
    ...catalog.tables.filter(({ name }) => !stored.has(name)).map(({ name }) => splitObjectName(name)),
    ...catalog.views.map(({ value }) => value),
  ]
  return names
    .filter((name) => name.schema === schema)
    .map(({ name }) => relationTarget(ddl, { schemaname: schema, relname: name }))
}

function privilegesOf({ privileges }: GrantStmt, target: Target): Wanted[] {
  if (privileges === undefined) return ALL[target.kind].map((privilege) => ({ privilege, columns: [] }))
  return privileges.flatMap((node): Wanted[] => {
    if (!('AccessPriv' in node)) return []
    const name = (node.AccessPriv.priv_name ?? '').toLowerCase()
    const columns = stringsOf(node.AccessPriv.cols)
    for (const column of columns) {
      if (!target.columns.includes(column))
        throw queryError(
          'undefined_column',
          `column "${column}" of relation "${target.what.replace(/^\w+ /, '')}" does not exist`,
        )
    }
    if (name === '')
      return ALL[target.kind]
        .filter((each) => COLUMN_PRIVILEGES.has(each))
        .map((privilege) => ({ privilege, columns }))
    const privilege = ALL[target.kind].find((each) => each === (name === 'temp' ? 'temporary' : name))
    if (privilege === undefined && !KNOWN.has(name))
      throw queryError('syntax_error', `unrecognized privilege type "${name}"`)
    if (privilege === undefined)
      throw queryError(
        'syntax_error',
        `invalid privilege type ${name.toUpperCase()} for ${target.kind === 'table' ? 'relation' : target.kind}`,
      )
    return [{ privilege, columns }]
  })
}

/** The owner, superusers, and who was given the privilege with the right to hand it on. */
function requireGrantable(ddl: DefinitionContext, target: Target, wanted: readonly Wanted[]): void {
  if (ddl.isSuperuser || (target.owner !== '' && ddl.isMember(target.owner))) return
  const grants = ddl.catalog.facts(target.oid)?.grants ?? []
  const isAllowed = wanted.every(({ privilege }) =>
    grants.some(({ grantee, privileges }) => ddl.isMember(grantee) && privileges[privilege] === true),
  )
  if (!isAllowed) throw queryError('insufficient_privilege', `permission denied for ${target.what}`)
}

async function add(
  ddl: DefinitionContext,
  { oid, kind }: Target,
  grantee: string,
  grantor: string,
  { privilege, columns }: Wanted,
  mayHandOn: boolean,
): Promise<void> {
  const places = columns.length === 0 ? [undefined] : columns
  await putFacts(ddl, oid, (facts) => {
    let grants = [...(facts.grants ?? defaultGrants(ddl, oid, kind))]
    for (const column of places) {
      const at = grants.findIndex((each) => each.grantee === grantee && each.column === column)
      const known = grants[at]
      const isKept = known?.privileges[privilege] === true
      const privileges = { ...known?.privileges, [privilege]: mayHandOn || isKept }
      const entry: Grant = {
        grantee,
        grantor: known?.grantor ?? grantor,
        privileges,
        ...(column === undefined ? {} : { column }),
      }
      grants = at < 0 ? [...grants, entry] : grants.with(at, entry)
    }
    return { ...facts, grants }
  })
}

async function remove(
  ddl: DefinitionContext,
  { oid, kind }: Target,
  grantee: string,
  { privilege, columns }: Wanted,
  onlyOption: boolean,
): Promise<void> {
  await putFacts(ddl, oid, (facts) => {
    const before = facts.grants ?? defaultGrants(ddl, oid, kind)
    const isMeant = (each: Grant): boolean =>
      each.grantee === grantee &&
      (columns.length === 0 || (each.column !== undefined && columns.includes(each.column)))
    const grants = before.flatMap((each): Grant[] => {
      if (!isMeant(each) || !Object.hasOwn(each.privileges, privilege)) return [each]
      if (onlyOption) return [{ ...each, privileges: { ...each.privileges, [privilege]: false } }]
      const { [privilege]: _, ...left } = each.privileges
      return Object.keys(left).length === 0 ? [] : [{ ...each, privileges: left }]
    })
    return { ...facts, grants }
  })
}

/** What PUBLIC has by itself, once some of it is taken away. */
function defaultGrants(ddl: DefinitionContext, oid: number, kind: Target['kind']): Grant[] {
  const grantor = ddl.user
  if (kind === 'database') return [{ grantee: '', grantor, privileges: { connect: false, temporary: false } }]
  if (kind === 'schema' && oid === SYSTEM_OIDS.public)
    return [{ grantee: '', grantor, privileges: { usage: false } }]
  return []
}
