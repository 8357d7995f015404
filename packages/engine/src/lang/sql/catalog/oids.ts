/**
 * `oid`s: stable numbers made of the ids of catalog objects. Objects of their own come first; what belongs to one has a
 * number of a range that is its object's alone.
 *
 * Ids above `OWNERS_MAX` share ranges with older ones, whose objects are long gone in all likelihood.
 */
const FIRST = 16_384
const PARTS_FIRST = 0x4000_0000
const PARTS_EACH = 1024
const OWNERS_MAX = 0x10_0000
const DEFAULTS_FIRST = 0x8000_0000
const DEFAULTS_EACH = 2048

/** Fixed ones, as PostgreSQL has them. */
export const SYSTEM_OIDS = {
  pgCatalog: 11,
  public: 2200,
  informationSchema: 13_000,
  orbit: 13_001,
  toast: 99,
  superuser: 10,
  database: 5,
  defaultTablespace: 1663,
  globalTablespace: 1664,
} as const

export function objectOid(id: number): number {
  return FIRST + id
}

/** The id of an object; undefined for oids of the system and of parts. */
export function objectIdOf(oid: number): number | undefined {
  return oid > FIRST && oid < PARTS_FIRST ? oid - FIRST : undefined
}

function partOid(id: number, part: number): number {
  return PARTS_FIRST + (id % OWNERS_MAX) * PARTS_EACH + part
}

export const rowTypeOid = (id: number): number => partOid(id, 0)
export const arrayTypeOid = (id: number): number => partOid(id, 1)
export const primaryKeyIndexOid = (id: number): number => partOid(id, 2)
export const primaryKeyOid = (id: number): number => partOid(id, 3)
export const viewRuleOid = (id: number): number => partOid(id, 4)
/** @param index its id in the table */
export const indexOid = (id: number, index: number): number => partOid(id, 8 + ((index * 2) % 500))
/** The constraint that an index carries out. */
export const indexConstraintOid = (id: number, index: number): number => partOid(id, 9 + ((index * 2) % 500))
/** @param at its place among the checks */
export const checkOid = (id: number, at: number): number => partOid(id, 512 + (at % 256))
/** @param at its place among the foreign keys */
export const foreignKeyOid = (id: number, at: number): number => partOid(id, 768 + (at % 256))
export const columnDefaultOid = (id: number, column: number): number =>
  DEFAULTS_FIRST + (id % OWNERS_MAX) * DEFAULTS_EACH + (column % DEFAULTS_EACH)
/** The label of an enum. */
export const enumLabelOid = (id: number, at: number): number => partOid(id, 8 + (at % 1000))
