/** Expressions that catalogs hold as text, shown for another search path or with fewer parentheses. */

import { shownDefault, shownInDomain, type Manner } from '../shown-expressions.js'
import type { LoadedCatalog, TableObject } from '../snapshot.js'
import { oncePerCatalog } from './once-per-catalog.js'
import { classOfTable, indexEntries, tableOf } from './rows/class-rows.js'
import { describedDomains } from './rows/domain-rows.js'
import { indexPredicate } from './shown-definitions.js'

/** `pg_type`, which defaults of domains are of. */
const PG_TYPE = 1247

type Show = (manner: Manner) => string | undefined

/** By what catalogs show, for each class that was asked for. */
const known = oncePerCatalog((): Map<number, ReadonlyMap<string, Show>> => new Map())

/** @param oid of the class that the expression is of. @returns undefined for a text that is none of its expressions */
export function shownAgain(
  catalog: LoadedCatalog,
  oid: number,
  text: string,
  manner: Manner,
): string | undefined {
  const expressions = known(catalog)
  let found = expressions.get(oid)
  if (found === undefined) {
    const all = oid === PG_TYPE ? ofDomains(catalog) : ofClass(catalog, oid)
    found = new Map(all.flatMap((show) => [[show({}) ?? '', show] as const]))
    expressions.set(oid, found)
  }
  return found.get(text)?.(manner)
}

function ofClass(catalog: LoadedCatalog, oid: number): Show[] {
  const table = tableOf(catalog, oid)
  const defaults = table === undefined ? [] : ofColumns(catalog, table)
  const indexes = indexEntries(catalog).filter(
    (index) => (classOfTable(catalog, index.table)?.oid ?? -1) === oid && hasPredicate(index),
  )
  return [
    ...defaults,
    ...indexes.map(
      (index): Show =>
        (manner) =>
          indexPredicate(catalog, index, manner),
    ),
  ]
}

function ofColumns(catalog: LoadedCatalog, table: TableObject): Show[] {
  return table.definition.columns
    .filter((column) => column.default !== undefined || column.generated !== undefined)
    .map(
      (column): Show =>
        (manner) =>
          shownDefault(catalog, table, column, manner),
    )
}

function hasPredicate({ table, indexId }: ReturnType<typeof indexEntries>[number]): boolean {
  const definition = table.definition.indexes.find(({ id }) => id === indexId)
  return definition?.predicate !== undefined || definition?.where !== undefined
}

function ofDomains(catalog: LoadedCatalog): Show[] {
  return describedDomains(catalog).flatMap(({ form, domain }): Show[] => {
    const own = form.default
    return own === undefined ? [] : [(manner) => shownInDomain(catalog, domain, own, 'default', manner)]
  })
}
