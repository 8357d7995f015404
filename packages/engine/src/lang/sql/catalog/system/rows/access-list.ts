/** Access lists as `pg_class.relacl` and its like show them: `grantee=privileges/grantor`. */
import { SqlArray } from '../../../../../scalar/array/sql-array.js'
import type { Value } from '../../../../../scalar/value.js'
import { quoteName } from '../../quote-name.js'
import type { DefaultPrivilegesValue, Grant } from '../../records.js'
import type { LoadedCatalog } from '../../snapshot.js'

/** In the order in which they are shown. */
const LETTERS: readonly (readonly [privilege: string, letter: string])[] = [
  ['insert', 'a'],
  ['select', 'r'],
  ['update', 'w'],
  ['delete', 'd'],
  ['truncate', 'D'],
  ['references', 'x'],
  ['trigger', 't'],
  ['execute', 'X'],
  ['usage', 'U'],
  ['create', 'C'],
  ['temporary', 'T'],
  ['connect', 'c'],
]

const OWNERS = { table: 'arwdDxt', sequence: 'rwU', schema: 'UC', database: 'CTc' } as const

/**
 * Null where nobody has said anything of the whole: then what goes by itself holds.
 * @param byItself what is shown all the same of what has it
 */
export function accessList(
  catalog: LoadedCatalog,
  oid: number,
  owner: string,
  kind: keyof typeof OWNERS,
  byItself?: readonly string[],
): Value {
  const all = catalog.facts(oid)?.grants
  const grants = all?.filter(({ column }) => column === undefined) ?? []
  const isSaid = all !== undefined && (all.length === 0 || grants.length > 0)
  if (!isSaid && byItself === undefined) return null
  const others = grants.filter(({ grantee }) => grantee !== owner)
  const own = `${quoteName(owner)}=${OWNERS[kind]}/${quoteName(owner)}`
  return new SqlArray([own, ...(isSaid ? others.map(itemText) : (byItself ?? []))])
}

export function columnAccessList(catalog: LoadedCatalog, oid: number, column: string): Value {
  const grants = catalog.facts(oid)?.grants?.filter((grant) => grant.column === column) ?? []
  return grants.length === 0 ? null : new SqlArray(grants.map(itemText))
}

/** What `pg_default_acl` shows: in all schemas, with what the role itself has. */
export function defaultAccessList({ role, schema, kind, grants }: DefaultPrivilegesValue): Value {
  const own = schema === '' ? [`${quoteName(role)}=${OWNERS[kind]}/${quoteName(role)}`] : []
  return new SqlArray([...own, ...grants.map(itemText)])
}

function itemText({ grantee, grantor, privileges }: Grant): string {
  const letters = LETTERS.flatMap(([privilege, letter]) => {
    const withGrant = privileges[privilege]
    return withGrant === undefined ? [] : [withGrant ? `${letter}*` : letter]
  })
  return `${grantee === '' ? '' : quoteName(grantee)}=${letters.join('')}/${quoteName(grantor)}`
}
