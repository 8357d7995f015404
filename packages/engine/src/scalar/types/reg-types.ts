/** Numbers of catalog objects that are read and shown as names. */
import { queryError, type Condition } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import type { RegKind, ScalarContext } from '../scalar-context.js'
import { compareNumbers } from './compare-numbers.js'
import { defineType } from './define-type.js'
import { UNSIGNED, parseOid } from './oid-types.js'

const MISSING: Readonly<Record<RegKind, readonly [condition: Condition, message: (name: string) => string]>> =
  {
    class: ['undefined_table', (name) => `relation "${name}" does not exist`],
    type: ['undefined_object', (name) => `type "${name}" does not exist`],
    proc: ['undefined_function', (name) => `function "${name}" does not exist`],
    procedure: ['undefined_function', (name) => `function "${name}" does not exist`],
    operator: ['undefined_function', (name) => `operator does not exist: ${name}`],
    'operator with types': ['undefined_function', (name) => `operator does not exist: ${name}`],
    namespace: ['invalid_schema_name', (name) => `schema "${name}" does not exist`],
    role: ['undefined_object', (name) => `role "${name}" does not exist`],
  }

/** The number of what a text names; the text may also be the number itself, and `-` is 0. */
export function parseReg(kind: RegKind, text: string, context: ScalarContext): number {
  if (text === '-') return 0
  if (/^\d+$/.test(text)) return parseOid(text)
  const oid = context.names.oidOf(kind, text)
  if (oid !== undefined) return oid
  const [condition, message] = MISSING[kind]
  throw queryError(condition, message(unquoted(text)))
}

/** Without the quotes, folded where there are none, as messages name things. */
function unquoted(text: string): string {
  return text.replace(/"((?:[^"]|"")*)"|[^".]+/g, (part, inside: string | undefined) =>
    inside === undefined ? part.toLowerCase() : inside.replaceAll('""', '"'),
  )
}

export function formatReg(kind: RegKind, oid: number, context: ScalarContext): string {
  return oid === 0
    ? kind.startsWith('operator')
      ? '0'
      : '-'
    : (context.names.nameOf(kind, oid) ?? String(oid))
}

function regType(oid: number, name: string, kind: RegKind): ScalarType {
  return defineType<number>({
    ...UNSIGNED,
    oid,
    name,
    category: 'N',
    parse: (text, _, context) => parseReg(kind, text, context),
    format: (value, context) => formatReg(kind, value, context),
    compare: compareNumbers,
  })
}

export const regproc = regType(24, 'regproc', 'proc')
export const regprocedure = regType(2202, 'regprocedure', 'procedure')
export const regoper = regType(2203, 'regoper', 'operator')
export const regoperator = regType(2204, 'regoperator', 'operator with types')
export const regclass = regType(2205, 'regclass', 'class')
export const regtype = regType(2206, 'regtype', 'type')
export const regnamespace = regType(4089, 'regnamespace', 'namespace')
export const regrole = regType(4096, 'regrole', 'role')
