/** How the records of a model are found other than by reading all of them. */
import type { RelationContext, IndexRange, RelationIndex } from '../relation.js'
import type { Value } from '../../scalar/value.js'

export interface IndexRead {
  /** The records of the last range first, from its end to its start. */
  readonly isReverse: boolean
  /** How many records are of use. */
  readonly limit: number | undefined
  readonly signal: AbortSignal
}

export interface ModelIndex<T> {
  readonly index: RelationIndex
  /**
   * The records of ranges that are disjoint and in the order of the index, in that order; each once. Of an index that is
   * lossy others may be among them.
   */
  read(
    context: RelationContext,
    ranges: readonly IndexRange[],
    options: IndexRead,
  ): AsyncIterable<readonly T[]>
  /** For whole keys of a unique index the records, in their order. Left out: they are read as ranges. */
  get?(context: RelationContext, keys: readonly (readonly Value[])[]): Promise<readonly (T | undefined)[]>
}

interface KeyColumn {
  /** The column's ordinal. */
  readonly key: number
  readonly isUnordered?: true
}

/** An index of columns, ascending, whose records need no look-up of their own. */
export function columnIndex(
  name: string,
  keys: readonly KeyColumn[],
  columnCount: number,
  isUnique = false,
): RelationIndex {
  return {
    name,
    isPrimary: true,
    isUnique,
    nullsNotDistinct: false,
    keys: keys.map((key) => ({ ...key, isDescending: false, nullsFirst: false })),
    covers: Array.from({ length: columnCount }, (_, ordinal) => ordinal),
  }
}
