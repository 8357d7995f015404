import { queryError } from '../condition.js'
import type { ScalarContext } from '../scalar-context.js'
import { identity } from './compare-numbers.js'
import { defineType } from './define-type.js'

/** Privileges as PostgreSQL writes them, in the order in which it shows them. */
export const ACL_LETTERS = 'arwdDxtXUCTcsA'

/** `grantee=privileges/grantor`, as lists of privileges have it; a grantee without a name is everybody. */
export interface AclItem {
  readonly grantee: string
  /** Each letter of a privilege, with whether it may be granted on. */
  readonly privileges: readonly { readonly letter: string; readonly isGrantable: boolean }[]
  readonly grantor: string
}

const NAME = '(?:"(?:[^"]|"")*"|[^"=/\\s]*)'
const ITEM = new RegExp(`^\\s*(?:(?:group|user)\\s+)?(${NAME})=([a-zA-Z*]*)(?:/(${NAME}))?\\s*$`)

export function readAclItem(text: string): AclItem | undefined {
  const match = ITEM.exec(text)
  if (match === null) return undefined
  const [, grantee = '', letters = '', grantor = ''] = match
  const privileges = [...letters.matchAll(/([a-zA-Z])(\*?)/g)].map(([, letter = '', star]) => ({
    letter,
    isGrantable: star === '*',
  }))
  return { grantee, privileges, grantor }
}

/** The privileges in their order, each once. */
export function writeAclItem({ grantee, privileges, grantor }: AclItem): string {
  let letters = ''
  for (const letter of ACL_LETTERS) {
    const found = privileges.filter((each) => each.letter === letter)
    if (found.length > 0) letters += found.some(({ isGrantable }) => isGrantable) ? `${letter}*` : letter
  }
  return `${grantee}=${letters}/${grantor}`
}

function parse(text: string, _: number, context: ScalarContext): string {
  const item = readAclItem(text)
  if (item === undefined) {
    throw queryError('invalid_text_representation', 'missing "=" sign')
  }
  for (const { letter } of item.privileges) {
    if (ACL_LETTERS.includes(letter)) continue
    throw queryError('invalid_text_representation', `invalid mode character: must be one of "${ACL_LETTERS}"`)
  }
  for (const name of [item.grantee, item.grantor]) {
    if (name === '' || context.names.oidOf('role', name) !== undefined) continue
    throw queryError('undefined_object', `role "${name.replace(/^"(.*)"$/, '$1')}" does not exist`)
  }
  return writeAclItem(item.grantor === '' ? { ...item, grantor: context.session.user } : item)
}

const refuse = (what: string) => (): never => {
  throw queryError('undefined_function', `no binary ${what} function available for type aclitem`)
}

/** An item of a list of privileges; its value is its text. */
export const aclitem = defineType<string>({
  oid: 1033,
  name: 'aclitem',
  category: 'U',
  length: 12,
  parse,
  format: identity,
  encode: refuse('output'),
  decode: refuse('input'),
  compare: undefined,
  hashKey: identity,
})
