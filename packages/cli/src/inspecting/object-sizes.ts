import type { CatalogObject, ObjectKind } from '@orbit-ts/engine'
import {
  documentKeys,
  graphKeys,
  parseKey,
  relationalKeys,
  timeSeriesKeys,
  vectorKeys,
  type KeyRange,
  type ParsedKey,
  type Reader,
} from '@orbit-ts/storage'

export interface ObjectSize {
  /** Records by what they are called: `rows`, or `nodes` and `edges`. */
  readonly records: ReadonlyMap<string, number>
  /** Keys of records and of everything kept beside them. */
  readonly keys: number
  /** Keys and values of records as they are stored, before the engine compresses them. */
  readonly recordBytes: number
  /** The same of indexes and what else is kept beside records. */
  readonly indexBytes: number
}

/** All keys of an object. */
export function rangeOf({ kind, id }: Pick<CatalogObject, 'kind' | 'id'>): KeyRange {
  const ranges: Readonly<Record<ObjectKind, (id: number) => KeyRange>> = {
    table: (table) => relationalKeys.table(table),
    collection: (collection) => documentKeys.collection(collection),
    graph: (graph) => graphKeys.graph(graph),
    vectors: (collection) => vectorKeys.collection(collection),
    series: (collection) => timeSeriesKeys.collection(collection),
  }
  return ranges[kind](id)
}

const RECORDS: Readonly<Record<ObjectKind, readonly string[]>> = {
  table: ['row'],
  collection: ['document'],
  graph: ['node', 'edge'],
  vectors: ['vector'],
  series: ['point'],
}

/** Reads every key and value of the object. */
export async function measureObject(reader: Reader, object: CatalogObject): Promise<ObjectSize> {
  const records = new Map(RECORDS[object.kind].map((noun) => [noun, 0]))
  let keys = 0
  let recordBytes = 0
  let indexBytes = 0
  for await (const chunk of reader.scan(rangeOf(object))) {
    for (const { key, value } of chunk) {
      const noun = recordNoun(parseKey(key))
      const bytes = key.byteLength + value.byteLength
      keys++
      if (noun === undefined) indexBytes += bytes
      else {
        records.set(noun, (records.get(noun) ?? 0) + 1)
        recordBytes += bytes
      }
    }
  }
  return { records, keys, recordBytes, indexBytes }
}

/** What the key holds, or undefined when it holds no record. An edge counts where it is kept under its start. */
function recordNoun(key: ParsedKey): string | undefined {
  switch (key.model) {
    case 'relational':
      return key.kind === 'row' ? 'row' : undefined
    case 'document':
      return key.kind === 'record' ? 'document' : undefined
    case 'graph':
      if (key.kind === 'edge') return key.direction === 'out' ? 'edge' : undefined
      return key.kind === 'node' ? 'node' : undefined
    case 'vector':
      return key.kind === 'record' ? 'vector' : undefined
    case 'timeseries':
      return key.kind === 'point' ? 'point' : undefined
    default:
      return undefined
  }
}
