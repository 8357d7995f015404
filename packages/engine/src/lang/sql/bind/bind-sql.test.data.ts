/** Binds text against a few tables, and says what came of it in a few words. */
import { defined, OrbitError } from '@orbit-ts/base'
import { systemRegistry } from '../../../scalar/system-registry.js'
import { testScalarContext } from '../../../scalar/scalar-context.test.data.js'
import type { DataType } from '../../../scalar/data-type.js'
import { parseStatements } from '../parse/parse-statements.js'
import type { BoundStatement } from './bind-context.js'
import { bindStatement } from './bind-statement.js'
import { FakeCatalog, table, view } from './fake-catalog.test.data.js'

/** The tables of the tests; those who compare with PostgreSQL create the same there. */
export const CATALOG: FakeCatalog = new FakeCatalog([
  table('t', 'a int4, b text, c numeric(10,2), d timestamptz', { primaryKey: ['a'], defaults: ['d'] }),
  table('u', 'a int8, e varchar(10), f float8, g bool', { unique: { u_e_key: ['e'] } }),
  table('k', 'id int4, v text, w int4, tags text[], doc jsonb, raw json', {
    primaryKey: ['id'],
    generated: { id: 'identity always', w: 'stored' },
  }),
  table('k2', 'id int8, v text', { primaryKey: ['id'], generated: { id: 'identity by default' } }),
  table('r', 'x int4', { isReadOnly: true }),
  table('m', 'id int4, feeling mood, at date, during interval, code bpchar(3)'),
  table('t', 'z int4', { schema: 's' }),
  view('tv', 'SELECT a, b AS bb FROM t WHERE a > 0', 'a int4, bb text'),
])

export function bind(text: string, parameterTypes: readonly (DataType | undefined)[] = []): BoundStatement {
  const tree = defined(parseStatements(text)[0], 'a statement')
  const scalar = testScalarContext({}, { names: CATALOG })
  return bindStatement(tree, {
    catalog: CATALOG,
    registry: systemRegistry,
    searchPath: ['public'],
    parameterTypes,
    scalar,
  })
}

/** `name type` of each column of the result, and behind an arrow the types of the parameters. */
export function resultOf(text: string): string {
  const { columns, parameters } = bind(text)
  const output = (columns ?? []).map(({ name, type }) => `${name} ${typeText(type)}`).join(', ')
  return parameters.length === 0 ? output : `${output} <- ${parameters.map(typeText).join(', ')}`
}

export function typeText({ scalar, modifier }: DataType): string {
  if (modifier < 0) return scalar.displayName
  const element = scalar.element ?? scalar
  const text = element.formatModifier?.(modifier) ?? ''
  const name = element.displayName
  const whole = text.startsWith('(') ? `${name}${text}` : text === '' ? name : text
  return scalar.element === undefined ? whole : `${whole}[]`
}

/** `SQLSTATE message` and where; the detail and the hint on lines of their own. */
export function errorOf(text: string): string {
  try {
    bind(text)
  } catch (error) {
    return describe(error)
  }
  return 'no error'
}

export function describe(error: unknown): string {
  if (!(error instanceof OrbitError)) return String(error instanceof Error ? error.stack : error)
  const { sqlState, offset, detail, hint } = error.details
  const place = typeof offset === 'number' ? ` @${offset}` : ''
  const lines = [`${String(sqlState)} ${error.reason}${place}`]
  if (typeof detail === 'string') lines.push(`DETAIL ${detail}`)
  if (typeof hint === 'string') lines.push(`HINT ${hint}`)
  return lines.join('\n')
}
