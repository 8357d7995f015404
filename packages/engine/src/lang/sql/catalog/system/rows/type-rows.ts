import { orbitFunctions } from '../../../../../relation/models/orbit-functions.js'
import type { ScalarType } from '../../../../../scalar/data-type.js'
import type { AnyFunction } from '../../../../../scalar/functions/function.js'
import { ioOf } from '../../../../../scalar/functions/io/type-io.js'
import { numberList } from '../../../../../scalar/types/number-list-types.js'
import { enumLabelOid, objectOid, rowTypeOid } from '../../oids.js'
import { MODELS_SCHEMA } from '../../model-classes.js'
import type { LoadedCatalog } from '../../snapshot.js'
import type { CatalogRows } from '../system-classes.js'
import type { SystemRow } from '../system-relation.js'
import { domainTypeRow } from './domain-rows.js'
import { collationOid, roleOid, schemaOid, storageOf } from './class-rows.js'

export const typeRows: CatalogRows = (catalog) =>
  function* () {
    for (const type of catalog.registry.types()) yield typeRow(catalog, type, 'pg_catalog', 0)
    for (const { type, array, schema, isRow, id } of catalog.types.all()) {
      // The rows of a materialized view are of the view's type, not of that of the table that keeps them.
      if (isRow && catalog.classByOid(objectOid(id)) === undefined) continue
      yield typeRow(
        catalog,
        type,
        schema,
        isRow ? objectOid(id) : type.fields === undefined ? 0 : rowTypeOid(id),
      )
      yield typeRow(catalog, array, schema, 0)
    }
  }

function typeRow(catalog: LoadedCatalog, type: ScalarType, schema: string, relation: number): SystemRow {
  const isComposite = type.fields !== undefined
  const io = ioOf(type)
  return {
    oid: type.oid,
    typname: type.name,
    typnamespace: schemaOid(catalog, schema),
    typowner: roleOid(catalog, 'orbit'),
    typlen: type.length,
    typbyval: type.length > 0 && type.length <= 8,
    typtype:
      type.category === 'E'
        ? 'e'
        : type.category === 'P'
          ? 'p'
          : isComposite
            ? 'c'
            : type.subtype !== undefined
              ? 'r'
              : type.range !== undefined
                ? 'm'
                : 'b',
    typcategory: type.category,
    typispreferred: type.isPreferred,
    typisdefined: true,
    typdelim: ',',
    typrelid: relation,
    typsubscript: 0,
    typelem: type.element?.oid ?? 0,
    typarray: catalog.arrayOf(type)?.oid ?? catalog.registry.arrayOf(type)?.oid ?? 0,
    typinput: io?.input.oid ?? 0,
    typoutput: io?.output.oid ?? 0,
    typreceive: io?.receive.oid ?? 0,
    typsend: io?.send.oid ?? 0,
    typmodin: io?.modifierInput.oid ?? 0,
    typmodout: io?.modifierOutput.oid ?? 0,
    typanalyze: 0,
    typalign: alignOf(type),
    typstorage: storageOf(type),
    typnotnull: false,
    typbasetype: 0,
    typtypmod: -1,
    typndims: 0,
    typcollation: collationOid({ scalar: type, modifier: -1 }),
    ...(type.domain === undefined ? {} : domainTypeRow(catalog, type.domain)),
  }
}

/** Arrays are put in memory as their elements are, or as an integer where that is more. */
function alignOf(type: ScalarType): string {
  const element = type.element === undefined ? undefined : ioOf(type.element)?.align
  if (element !== undefined && !type.name.endsWith('vector')) return element === 'd' ? 'd' : 'i'
  return ioOf(type)?.align ?? 'i'
}

export const enumRows: CatalogRows = (catalog) =>
  function* () {
    for (const { id, value } of catalog.typeRecords) {
      if (value.form.kind !== 'enum') continue
      const type = catalog.types.userType(id)
      for (const [at, label] of (type?.labels ?? []).entries())
        yield {
          oid: enumLabelOid(id, at),
          enumtypid: type?.oid ?? 0,
          enumsortorder: at + 1,
          enumlabel: label,
        }
    }
  }

const KINDS: Readonly<Record<AnyFunction['kind'], string>> = {
  scalar: 'f',
  async: 'f',
  table: 'f',
  aggregate: 'a',
  window: 'w',
}
const VOLATILITIES = { immutable: 'i', stable: 's', volatile: 'v' } as const

export const functionRows: CatalogRows = (catalog) =>
  function* () {
    const ofSystem = [...catalog.registry.functions()].map((each) => ({ each, schema: 'pg_catalog' }))
    const ofModels = orbitFunctions.map((each) => ({ each, schema: MODELS_SCHEMA }))
    for (const { each, schema } of [...ofSystem, ...ofModels]) {
      const hasVolatility = each.kind === 'scalar' || each.kind === 'async' || each.kind === 'table'
      yield {
        oid: each.oid,
        proname: each.name,
        pronamespace: schemaOid(catalog, schema),
        proowner: roleOid(catalog, 'orbit'),
        prolang: 12,
        procost: 1,
        prorows: each.kind === 'table' ? 1000 : 0,
        provariadic: each.isVariadic === true ? (each.parameters.at(-1)?.oid ?? 0) : 0,
        prosupport: 0,
        prokind: KINDS[each.kind],
        prosecdef: false,
        proleakproof: false,
        proisstrict: each.kind === 'window' ? true : each.isStrict,
        proretset: each.kind === 'table',
        provolatile: hasVolatility ? VOLATILITIES[each.volatility] : 'i',
        proparallel: 's',
        pronargs: each.parameters.length,
        pronargdefaults: each.defaults?.length ?? 0,
        prorettype: each.result.oid,
        proargtypes: numberList(each.parameters.map(({ oid }) => oid)),
        prosrc: each.name,
      }
    }
  }

export const rangeRows: CatalogRows = (catalog) =>
  function* () {
    for (const type of catalog.registry.types()) {
      if (type.range === undefined) continue
      yield {
        rngtypid: type.range.oid,
        rngsubtype: type.range.subtype?.oid ?? 0,
        rngmultitypid: type.oid,
        rngcollation: 0,
        rngsubopc: 0,
        rngcanonical: 0,
        rngsubdiff: 0,
      }
    }
  }

/** What the aggregates are made of is not kept as functions of its own. */
export const aggregateRows: CatalogRows = (catalog) =>
  function* () {
    for (const each of catalog.registry.functions()) {
      if (each.kind !== 'aggregate') continue
      const { orderedSet } = each
      yield {
        aggfnoid: each.oid,
        aggkind: orderedSet === undefined ? 'n' : orderedSet.isHypothetical ? 'h' : 'o',
        aggnumdirectargs: orderedSet?.directCount ?? 0,
        aggtransfn: 0,
        aggfinalfn: 0,
        aggcombinefn: 0,
        aggserialfn: 0,
        aggdeserialfn: 0,
        aggmtransfn: 0,
        aggminvtransfn: 0,
        aggmfinalfn: 0,
        aggfinalextra: false,
        aggmfinalextra: false,
        aggfinalmodify: 'r',
        aggmfinalmodify: 'r',
        aggsortop: 0,
        aggtranstype: 0,
        aggtransspace: 0,
        aggmtranstype: 0,
        aggmtransspace: 0,
      }
    }
  }

export const operatorRows: CatalogRows = (catalog) =>
  function* () {
    for (const each of catalog.registry.operators()) {
      yield {
        oid: each.oid,
        oprname: each.name,
        oprnamespace: schemaOid(catalog, 'pg_catalog'),
        oprowner: roleOid(catalog, 'orbit'),
        oprkind: each.left === undefined ? 'l' : 'b',
        oprcanmerge: each.comparison === 'eq',
        oprcanhash: each.comparison === 'eq',
        oprleft: each.left?.oid ?? 0,
        oprright: each.right.oid,
        oprresult: each.function.result.oid,
        oprcom: 0,
        oprnegate: 0,
        oprcode: each.function.oid,
        oprrest: 0,
        oprjoin: 0,
      }
    }
  }

export const castRows: CatalogRows = (catalog) =>
  function* () {
    let oid = 10_000
    for (const { source, target, context, method } of catalog.registry.casts()) {
      yield {
        oid: oid++,
        castsource: source.oid,
        casttarget: target.oid,
        castfunc: 0,
        castcontext: { implicit: 'i', assignment: 'a', explicit: 'e' }[context],
        castmethod: method === 'relabel' ? 'b' : method === 'text' ? 'i' : 'f',
      }
    }
  }
