import { queryError } from '../../condition.js'
import type { ScalarType } from '../../data-type.js'
import type { RegKind, ScalarContext } from '../../scalar-context.js'
import { formatDataType } from '../../types/format-type.js'
import { systemTypes } from '../../types/system-types.js'
import { bound, scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { SqlArray } from '../../array/sql-array.js'

let typesByOid: ReadonlyMap<number, ScalarType> | undefined

function typeByOid(oid: number): ScalarType | undefined {
  typesByOid ??= new Map(systemTypes.map((type) => [type.oid, type]))
  return typesByOid.get(oid)
}

function formatType(context: ScalarContext, oid: number | null, modifier: number | null): string | null {
  if (oid === null) return null
  if (oid === 0) return '-'
  const type = typeByOid(oid)
  if (type === undefined) return context.names.nameOf('type', oid) ?? '???'
  // Without a modifier, as opposed to -1, the bare name is asked for.
  if (modifier === null) return type.displayName
  return formatDataType({ scalar: type, modifier: hasModifier(type, modifier) ? modifier : -1 })
}

/** Whether a type has such a modifier; lengths count four bytes more than they say. */
function hasModifier(type: ScalarType, modifier: number): boolean {
  const scalar = type.element ?? type
  if (scalar.formatModifier === undefined) return false
  return scalar.category === 'S' || scalar.name === 'numeric' ? modifier >= 4 : true
}

const ONE_NAME = /^(?:"(?:[^"]|"")*"|[^".]+)$/

/** Whether a name without a schema finds the object; null when there is none. */
function isVisible(kind: RegKind): (context: ScalarContext, oid: number) => boolean | null {
  return ({ names }, oid) => {
    if (kind === 'type' && typeByOid(oid) !== undefined) return true
    const name = names.nameOf(kind, oid)
    return name === undefined ? null : ONE_NAME.test(name)
  }
}

/** Those of `pg_catalog` are found by their names alone, however many have one. */
function isFunctionVisible({ names }: ScalarContext, oid: number): boolean | null {
  const name = names.nameOf('procedure', oid)
  return name === undefined ? null : !/^\w+\./.test(name)
}

function lookUp(kind: RegKind): (context: ScalarContext, text: string) => number | null {
  return ({ names }, text) => names.oidOf(kind, text) ?? null
}

/** A name without its quotes. */
function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

function userById({ names }: ScalarContext, oid: number): string {
  const name = names.nameOf('role', oid)
  return name === undefined ? `unknown (OID=${oid})` : unquoted(name)
}

/** The parts of a qualified name, folded and without quotes. */
function parseIdentifier(_: unknown, text: string, isStrict: boolean): SqlArray {
  const refuse = (detail?: string): Error =>
    queryError(
      'invalid_parameter_value',
      `string is not a valid identifier: "${text}"`,
      detail === undefined ? {} : { detail },
    )
  const parts: string[] = []
  let rest = text.trimStart()
  for (;;) {
    if (rest.startsWith('"')) {
      const quoted = /^"((?:[^"]|"")*)"/.exec(rest)
      if (quoted === null) throw refuse('String has unclosed double quotes.')
      if (quoted[1] === '') throw refuse('Quoted identifier must not be empty.')
      parts.push((quoted[1] ?? '').replaceAll('""', '"'))
      rest = rest.slice(quoted[0].length)
    } else {
      const plain = /^[a-zA-Z_\u0080-\uffff][\w$\u0080-\uffff]*/.exec(rest)
      if (plain === null) {
        if (rest.startsWith('.')) throw refuse('No valid identifier before ".".')
        throw refuse(parts.length === 0 ? undefined : 'No valid identifier after ".".')
      }
      parts.push(plain[0].replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
      rest = rest.slice(plain[0].length)
    }
    rest = rest.trimStart()
    if (!rest.startsWith('.')) break
    rest = rest.slice(1).trimStart()
  }
  if (rest !== '' && isStrict) throw refuse()
  return new SqlArray(parts)
}

/** Functions between names and numbers of catalog objects. */
export const nameFunctions: readonly ScalarFunction[] = [
  scalar('1081 format_type(oid,int4) text nullable stable', formatType),
  bound('1619 pg_typeof(any) regtype nullable stable', ([type]) => {
    const oid = type?.domain?.oid ?? type?.scalar.oid ?? 0
    return () => oid
  }),
  bound('3162 pg_collation_for(any) text nullable stable', ([type]) => {
    if (type?.scalar.isCollatable === false) {
      throw queryError('datatype_mismatch', `collations are not supported by type ${type.scalar.displayName}`)
    }
    const name = type?.collation?.name
    return () => (name === undefined ? '"default"' : `"${name}"`)
  }),
  scalar('2079 pg_table_is_visible(oid) bool stable', isVisible('class')),
  scalar('2080 pg_type_is_visible(oid) bool stable', isVisible('type')),
  scalar('2081 pg_function_is_visible(oid) bool stable', isFunctionVisible),
  scalar('2082 pg_operator_is_visible(oid) bool stable', () => true),
  scalar('2083 pg_opclass_is_visible(oid) bool stable', () => true),
  scalar('3829 pg_opfamily_is_visible(oid) bool stable', () => true),
  scalar('3815 pg_collation_is_visible(oid) bool stable', () => true),
  scalar('2093 pg_conversion_is_visible(oid) bool stable', () => true),
  scalar('3403 pg_statistics_obj_is_visible(oid) bool stable', () => true),
  scalar('3758 pg_ts_config_is_visible(oid) bool stable', () => true),
  scalar('3757 pg_ts_dict_is_visible(oid) bool stable', () => true),
  scalar('3756 pg_ts_parser_is_visible(oid) bool stable', () => true),
  scalar('3768 pg_ts_template_is_visible(oid) bool stable', () => true),
  scalar('1642 pg_get_userbyid(oid) name stable', userById),
  scalar('3495 to_regclass(text) regclass stable', lookUp('class')),
  scalar('3493 to_regtype(text) regtype stable', lookUp('type')),
  scalar('3494 to_regproc(text) regproc stable', lookUp('proc')),
  scalar('3479 to_regprocedure(text) regprocedure stable', lookUp('procedure')),
  scalar('3492 to_regoper(text) regoper stable', lookUp('operator')),
  scalar('3476 to_regoperator(text) regoperator stable', lookUp('operator with types')),
  scalar('4086 to_regnamespace(text) regnamespace stable', lookUp('namespace')),
  scalar('4093 to_regrole(text) regrole stable', lookUp('role')),
  scalar('1268 parse_ident(str text,strict bool) _text', parseIdentifier, { defaults: [true] }),
]
