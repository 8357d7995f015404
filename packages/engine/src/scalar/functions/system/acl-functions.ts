/** Lists of privileges, taken apart and put together. */
import { queryError } from '../../condition.js'
import { SqlArray } from '../../array/sql-array.js'
import type { ScalarContext } from '../../scalar-context.js'
import { ACL_LETTERS, readAclItem, writeAclItem } from '../../types/aclitem-type.js'
import type { Row } from '../../value.js'
import { columnsOf } from '../define/columns.js'
import { scalar } from '../define/scalar-function.js'
import { table } from '../define/table-function.js'
import type { AnyFunction } from '../function.js'

const PRIVILEGES: Readonly<Record<string, string>> = {
  a: 'INSERT',
  r: 'SELECT',
  w: 'UPDATE',
  d: 'DELETE',
  D: 'TRUNCATE',
  x: 'REFERENCES',
  t: 'TRIGGER',
  X: 'EXECUTE',
  U: 'USAGE',
  C: 'CREATE',
  T: 'TEMPORARY',
  c: 'CONNECT',
  s: 'SET',
  A: 'ALTER SYSTEM',
}

/** By the letter of a kind of object: what everybody may, then what the owner may. */
const DEFAULTS: Readonly<Record<string, readonly [everybody: string, owner: string]>> = {
  c: ['', ''],
  r: ['', 'arwdDxt'],
  s: ['', 'rwU'],
  d: ['Tc', 'CTc'],
  f: ['X', 'X'],
  l: ['U', 'U'],
  L: ['', 'rw'],
  n: ['', 'UC'],
  p: ['', 'sA'],
  t: ['', 'C'],
  F: ['', 'U'],
  S: ['', 'U'],
  T: ['U', 'U'],
}

function* explode({ names }: ScalarContext, list: SqlArray): Iterable<Row> {
  const role = (name: string): number => (name === '' ? 0 : (names.oidOf('role', name) ?? 0))
  for (const text of list.elements) {
    const item = typeof text === 'string' ? readAclItem(text) : undefined
    if (item === undefined) continue
    for (const { letter, isGrantable } of item.privileges)
      yield [role(item.grantor), role(item.grantee), PRIVILEGES[letter] ?? null, isGrantable]
  }
}

function defaults({ names }: ScalarContext, kind: string, oid: number): SqlArray {
  const found = DEFAULTS[kind]
  if (found === undefined)
    throw queryError('internal_error', `unrecognized object type abbreviation: ${kind}`)
  const owner = names.nameOf('role', oid) ?? String(oid)
  const items: string[] = []
  if (found[0] !== '') items.push(`=${found[0]}/${owner}`)
  if (found[1] !== '') items.push(`${owner}=${found[1]}/${owner}`)
  return new SqlArray(items)
}

function make(
  { names }: ScalarContext,
  grantee: number,
  grantor: number,
  text: string,
  isGrantable: boolean,
): string {
  const name = (oid: number): string => (oid === 0 ? '' : (names.nameOf('role', oid) ?? String(oid)))
  const privilege = text.trim().toUpperCase()
  const letter = Array.from(ACL_LETTERS).find(
    (each) => PRIVILEGES[each] === (privilege === 'TEMP' ? 'TEMPORARY' : privilege),
  )
  if (letter === undefined)
    throw queryError('invalid_parameter_value', `unrecognized privilege type: "${text}"`)
  const privileges = [{ letter, isGrantable }]
  return writeAclItem({ grantee: name(grantee), grantor: name(grantor), privileges })
}

function contains(_: unknown, list: SqlArray, wanted: string): boolean {
  const item = readAclItem(wanted)
  return list.elements.some((text) => {
    const other = typeof text === 'string' ? readAclItem(text) : undefined
    if (other?.grantee !== item?.grantee || other?.grantor !== item?.grantor) return false
    return item?.privileges.every(({ letter, isGrantable }) =>
      other?.privileges.some((each) => each.letter === letter && (each.isGrantable || !isGrantable)),
    )
  })
}

export const aclFunctions: readonly AnyFunction[] = [
  table('1689 aclexplode(_aclitem) record stable', explode, {
    columns: columnsOf('grantor oid', 'grantee oid', 'privilege_type text', 'is_grantable bool'),
  }),
  scalar('3943 acldefault(char,oid) _aclitem stable', defaults),
  scalar('1365 makeaclitem(oid,oid,text,bool) aclitem stable', make),
  scalar('1062 aclitemeq(aclitem,aclitem) bool', (_, a: string, b: string) => a === b),
  scalar('1037 aclcontains(_aclitem,aclitem) bool', contains),
]
