/** Comments that are there before anybody comments on anything. */
import { EXTENSIONS } from '../../ddl/other/available-extensions.js'
import { SYSTEM_OIDS } from '../oids.js'
import type { LoadedCatalog } from '../snapshot.js'
import type { SystemRow } from './system-relation.js'
import { fixedExtensions } from './rows/depend-rows.js'

const NAMESPACE = 2615
const EXTENSION = 3079

/** Rows of `pg_description`. */
export function givenComments(catalog: LoadedCatalog): SystemRow[] {
  const row = (objoid: unknown, classoid: number, description: string): SystemRow => ({
    objoid: Number(objoid),
    classoid,
    objsubid: 0,
    description,
  })
  const { pgCatalog, public: everybodys } = SYSTEM_OIDS
  const isSaid = catalog.facts(everybodys)?.comment !== undefined
  return [
    row(pgCatalog, NAMESPACE, 'system catalog schema'),
    ...(isSaid || !catalog.hasSchema('public') ? [] : [row(everybodys, NAMESPACE, 'standard public schema')]),
    ...fixedExtensions.map(({ oid, extname }) =>
      row(oid, EXTENSION, typeof extname === 'string' ? (EXTENSIONS[extname]?.comment ?? '') : ''),
    ),
  ]
}

/** The comment on an object, whoever made it. */
export function commentOn(catalog: LoadedCatalog, oid: number): string | null {
  const given = givenComments(catalog).find(({ objoid }) => objoid === oid)?.['description']
  return catalog.facts(oid)?.comment ?? (typeof given === 'string' ? given : null)
}
