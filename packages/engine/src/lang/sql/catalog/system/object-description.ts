/** `pg_describe_object`: what a row of `pg_depend` is about, in words. */
import { quoteName } from '../quote-name.js'
import type { LoadedCatalog } from '../snapshot.js'
import { columnDefaultOid, objectOid, viewRuleOid } from '../oids.js'
import { describedClass } from './rows/class-rows.js'
import { describedConstraint } from './rows/constraint-rows.js'
import { fixedExtensions } from './rows/depend-rows.js'
import { domainConstraints } from './rows/domain-rows.js'

interface Described {
  readonly catalog: LoadedCatalog
  readonly searchPath: readonly string[]
  readonly oid: number
  readonly part: number
}

const KINDS: Readonly<Record<string, string>> = {
  r: 'table',
  v: 'view',
  m: 'materialized view',
  S: 'sequence',
  c: 'composite type',
}

/** By the oid of the catalog that the object is in; undefined for what is not there. */
const DESCRIBERS: Readonly<Record<number, (object: Described) => string | undefined>> = {
  1247: ({ catalog, searchPath, oid }) => prefixed('type', catalog.nameOf('type', oid, searchPath)),
  1255: ({ catalog, searchPath, oid }) => prefixed('function', catalog.nameOf('procedure', oid, searchPath)),
  1259: describeClass,
  1260: ({ catalog, oid }) => prefixed('role', catalog.nameOf('role', oid)),
  2604: ({ catalog, searchPath, oid }) => describeDefault(catalog, searchPath, oid),
  2606: describeConstraint,
  2615: ({ catalog, oid }) => prefixed('schema', catalog.nameOf('namespace', oid)),
  2618: ({ catalog, searchPath, oid }) => {
    const view = catalog.views.find(({ id }) => viewRuleOid(id) === oid)
    if (view === undefined) return undefined
    const word = view.value.storage === undefined ? 'view' : 'materialized view'
    return `rule _RETURN on ${word} ${catalog.nameOf('class', objectOid(view.id), searchPath) ?? ''}`
  },
  3079: ({ catalog, oid }) => {
    const fixed = fixedExtensions.find((row) => row['oid'] === oid)?.['extname']
    const made = catalog.extensions.find(({ id }) => objectOid(id) === oid)?.name
    return prefixed('extension', typeof fixed === 'string' ? fixed : made)
  },
}

export function describeObject(
  catalog: LoadedCatalog,
  searchPath: readonly string[],
  classOid: number,
  oid: number,
  part: number,
): string | null {
  return DESCRIBERS[classOid]?.({ catalog, searchPath, oid, part }) ?? null
}

const prefixed = (word: string, name: string | undefined): string | undefined =>
  name === undefined ? undefined : `${word} ${name}`

function describeClass({ catalog, searchPath, oid, part }: Described): string | undefined {
  const found = describedClass(catalog, oid)
  // Composite types are no classes to those who look for names.
  const name = catalog.nameOf('class', oid, searchPath) ?? found?.name
  if (name === undefined) return undefined
  const whole = `${found === undefined ? 'index' : (KINDS[found.relkind] ?? 'relation')} ${name}`
  const column = part === 0 ? undefined : found?.columns[part - 1]?.name
  return column === undefined ? whole : `column ${quoteName(column)} of ${whole}`
}

function describeConstraint({ catalog, searchPath, oid }: Described): string | undefined {
  const found = describedConstraint(catalog, oid)
  if (found !== undefined) {
    const table = catalog.nameOf('class', objectOid(found.table.id), searchPath)
    return `constraint ${quoteName(found.name)} on table ${table ?? ''}`
  }
  const ofDomain = domainConstraints(catalog).find((each) => each.oid === oid)
  if (ofDomain === undefined) return undefined
  const domain = catalog.nameOf('type', ofDomain.of.domain.oid, searchPath)
  return `constraint ${quoteName(ofDomain.check.name)} on type ${domain ?? ''}`
}

function describeDefault(
  catalog: LoadedCatalog,
  searchPath: readonly string[],
  oid: number,
): string | undefined {
  for (const { id, definition } of catalog.tables) {
    const column = definition.columns.find((each) => columnDefaultOid(id, each.id) === oid)
    if (column !== undefined)
      return `default value for column ${quoteName(column.name)} of table ${catalog.nameOf('class', objectOid(id), searchPath) ?? ''}`
  }
  return undefined
}
