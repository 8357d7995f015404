/** `pg_opclass` and `pg_opfamily`: the classes that make types fit for ordered indexes, one for each type. */
import type { ScalarType } from '../../../../../scalar/data-type.js'
import type { LoadedCatalog } from '../../snapshot.js'
import { oncePerCatalog } from '../once-per-catalog.js'
import type { CatalogRows } from '../system-classes.js'
import type { SystemRow } from '../system-relation.js'

export const AM_BTREE = 403
const FIRST_CLASS = 10_200
const FIRST_FAMILY = 11_200

/** Types whose class is that of another one. */
const SHARED: Readonly<Record<string, string>> = { varchar: 'text', name: 'text' }

const classed = oncePerCatalog((catalog): readonly ScalarType[] =>
  [...catalog.registry.types()].filter(
    (type) => type.compare !== undefined && type.category !== 'P' && type.element === undefined,
  ),
)

const positions = oncePerCatalog(
  (catalog): ReadonlyMap<string, number> => new Map(classed(catalog).map(({ name }, at) => [name, at])),
)

/** The class of a type's values in an index; 0 where there is none. */
export function operatorClassOid(catalog: LoadedCatalog, type: ScalarType | undefined): number {
  if (type === undefined) return 0
  const at = positions(catalog).get(SHARED[type.name] ?? type.name)
  return at === undefined ? 0 : FIRST_CLASS + at
}

function* rowsOf(catalog: LoadedCatalog): Generator<readonly [SystemRow, SystemRow]> {
  for (const [at, type] of classed(catalog).entries()) {
    const name = `${type.name}_ops`
    yield [
      {
        oid: FIRST_CLASS + at,
        opcmethod: AM_BTREE,
        opcname: name,
        opcnamespace: 11,
        opcowner: 10,
        opcfamily: FIRST_FAMILY + at,
        opcintype: type.oid,
        opcdefault: SHARED[type.name] === undefined,
        opckeytype: 0,
      },
      { oid: FIRST_FAMILY + at, opfmethod: AM_BTREE, opfname: name, opfnamespace: 11, opfowner: 10 },
    ]
  }
}

export const operatorClassRows: CatalogRows = (catalog) =>
  function* () {
    for (const [row] of rowsOf(catalog)) yield row
  }

export const operatorFamilyRows: CatalogRows = (catalog) =>
  function* () {
    for (const [, row] of rowsOf(catalog)) yield row
  }
