/** Records by their id, the first column, in whose order they are stored. */
import type { Entry, KeyRange, Transaction } from '@orbit-ts/storage'
import { plainText } from '../../scalar/value.js'
import { readRanges } from '../read-ranges.js'
import type { RelationContext } from '../relation.js'
import { boundedIds, isId } from './id-texts.js'
import { columnIndex, type ModelIndex } from './model-index.js'
import { textRange, type TextRange } from './text-range.js'

/** The records of one model in a transaction. */
export interface StoredById<T> {
  readonly storage: Transaction
  /** Records that are read at once, at most. */
  readonly chunkSize?: number
  /** The keys of records whose ids are in a range. */
  rangeOf(ids: TextRange): KeyRange
  decode(entry: Entry): T
  get(ids: readonly string[]): Promise<readonly (T | undefined)[]>
}

export function idIndex<T>(
  columnCount: number,
  open: (context: RelationContext) => Promise<StoredById<T>>,
): ModelIndex<T> {
  return {
    index: columnIndex('id', [{ key: 0 }], columnCount, true),
    async *read(context, ranges, { isReverse, limit, signal }) {
      const records = await open(context)
      const keys = ranges.flatMap((range) => {
        const ids = textRange(range, 0)
        return ids === undefined ? [] : [records.rangeOf(boundedIds(ids))]
      })
      if (isReverse) keys.reverse()
      const atOnce = Math.min(records.chunkSize ?? Infinity, limit ?? Infinity)
      const options = { signal, reverse: isReverse, limit: atOnce }
      for await (const entries of readRanges(records.storage, keys, options))
        yield entries.map((entry) => records.decode(entry))
    },
    get: async (context, keys) => {
      const records = await open(context)
      return records.get(keys.map(([id]) => plainText(id)).filter(isId))
    },
  }
}
