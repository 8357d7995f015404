/** Documents, nodes and vectors by their id. */
import { compareBytes } from '@orbit-ts/base'
import { documentKeys, graphKeys, vectorKeys, type KeyRange } from '@orbit-ts/storage'
import { collectionModel } from '../../models/document/collection-model.js'
import type { Document } from '../../models/document/collection.js'
import { decodeDocument } from '../../models/document/document-record.js'
import { OpenCollection } from '../../models/document/open-collection.js'
import { readMany } from '../../models/document/read-documents.js'
import { graphModel } from '../../models/graph/graph-model.js'
import type { GraphNode } from '../../models/graph/graph-records.js'
import { readNodes } from '../../models/graph/node-reads.js'
import { nodeIdOf } from '../../models/graph/node-source.js'
import { nodeKey } from '../../models/graph/node-writes.js'
import { OpenGraph } from '../../models/graph/open-graph.js'
import { decodeNode } from '../../models/graph/record-payload.js'
import { OpenVectors } from '../../models/vector/open-vectors.js'
import { chunkRows } from '../../models/vector/search/chunk-ranks.js'
import { decodeVector, getVectors } from '../../models/vector/read-vectors.js'
import { vectorModel } from '../../models/vector/vector-model.js'
import type { StoredVector } from '../../models/vector/vector-records.js'
import { idIndex } from './id-index.js'
import type { ModelIndex } from './model-index.js'
import type { TextRange } from './text-range.js'

export function documentIdIndex(name: string, columnCount: number): ModelIndex<Document> {
  return idIndex(columnCount, async ({ models }) => {
    const collection = new OpenCollection(models, await models.object(collectionModel, name))
    return {
      storage: models.storage,
      rangeOf: ({ from, to }) => documentKeys.records(collection.id, from, to),
      decode: ({ key, value }) => decodeDocument(value, key).document as Document,
      get: async (ids) =>
        (await readMany(collection, ids)).map((read) => read?.document as Document | undefined),
    }
  })
}

export function nodeIdIndex(name: string, columnCount: number): ModelIndex<GraphNode> {
  return idIndex(columnCount, async ({ models }) => {
    const graph = new OpenGraph(models, await models.object(graphModel, name))
    return {
      storage: models.storage,
      rangeOf: (ids) => within(graphKeys.nodes(graph.id), ids, (id) => nodeKey(graph, id)),
      decode: ({ key, value }) => decodeNode(graph, nodeIdOf(key, value), value, key).node,
      get: async (ids) => (await readNodes(graph, ids)).map((stored) => stored?.node),
    }
  })
}

export function vectorIdIndex(name: string, columnCount: number): ModelIndex<StoredVector> {
  return idIndex(columnCount, async ({ models }) => {
    const vectors = new OpenVectors(models, await models.object(vectorModel, name))
    return {
      storage: models.storage,
      chunkSize: chunkRows(vectors.definition.dimension),
      rangeOf: (ids) => within(vectorKeys.records(vectors.id), ids, (id) => vectors.recordKey(id)),
      decode: (entry) => decodeVector(vectors.idOf(entry.key), entry),
      get: (ids) => getVectors(vectors, ids),
    }
  })
}

/** The part of all records with ids within bounds. */
function within(
  { start, end }: KeyRange,
  { from, to }: TextRange,
  keyOf: (id: string) => Uint8Array,
): KeyRange {
  const first = from === undefined ? start : keyOf(from)
  const last = to === undefined ? end : keyOf(to)
  const isEmpty = first !== undefined && last !== undefined && compareBytes(first, last) > 0
  return { ...(first && { start: first }), ...(isEmpty ? { end: first } : last && { end: last }) }
}
