/** What a record has in a property index. */
import type { Datum } from '@orbit-ts/storage'
import { Reached, readPath } from '../../filter/path.js'
import type { IndexField, PropertyIndex } from './graph-types.js'
import type { Properties } from '../property/property-types.js'

/** Entries that one record may have in one index: it is arrays that multiply them. */
export const INDEX_ENTRIES_MAX = 1000

/**
 * Stands for everything that is there but does not sort: objects, nested and empty arrays. It keeps such records
 * findable by `isNull: false`.
 */
const UNSORTED: Datum = { kind: 'uint', value: 0 }
const NULL: Datum = { kind: 'null' }

export interface IndexedValues {
  readonly datums: readonly Datum[]
  /** All values can be compared, so that a unique index must not have them twice. */
  readonly isComparable: boolean
}

/**
 * The values of a record in an index: one entry, or one for each combination of elements where fields hold arrays.
 * Undefined when there would be more than {@link INDEX_ENTRIES_MAX}.
 */
export function indexedValues(index: PropertyIndex, properties: Properties): IndexedValues[] | undefined {
  let combinations: Datum[][] = [[]]
  for (const field of index.fields) {
    const datums = fieldDatums(field, properties)
    if (combinations.length * datums.length > INDEX_ENTRIES_MAX) return undefined
    combinations = combinations.flatMap((before) => datums.map((datum) => [...before, datum]))
  }
  return combinations.map((datums) => ({ datums, isComparable: datums.every(isComparable) }))
}

function isComparable(datum: Datum): boolean {
  return datum !== UNSORTED && datum !== NULL
}

/** Distinct, at least one. */
function fieldDatums({ path }: IndexField, properties: Properties): Datum[] {
  const found = readPath(properties, path.steps)
  const datums = new Map<unknown, Datum>()
  for (const value of found instanceof Reached ? found.values : [found]) addDatums(datums, value)
  return datums.size === 0 ? [NULL] : [...datums.values()]
}

function addDatums(datums: Map<unknown, Datum>, value: unknown): void {
  if (value === null || value === undefined) return
  if (!Array.isArray(value) || value.length === 0) addDatum(datums, value)
  else for (const element of value) addDatum(datums, element)
}

function addDatum(datums: Map<unknown, Datum>, value: unknown): void {
  const datum = datumOf(value)
  datums.set(datum === UNSORTED ? UNSORTED : value, datum)
}

/** Booleans are integers and numbers floats, so that neither is found for the other. */
function datumOf(value: unknown): Datum {
  switch (typeof value) {
    case 'string':
      return { kind: 'text', value }
    case 'number':
      return { kind: 'float', value }
    case 'boolean':
      return { kind: 'int', value: Number(value) }
    default:
      return UNSORTED
  }
}
