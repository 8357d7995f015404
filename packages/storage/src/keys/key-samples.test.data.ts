/** Keys of every kind with random arguments, and what they must be parsed into. */
import fc from 'fast-check'
import { handleOf } from './handle.js'
import { datums, ids, int64s, numericIds } from './key-arbitraries.test.data.js'
import { multiModelKeys as keys } from './multi-model-key-builder.js'
import type { ParsedKey } from './parse-key.js'

export type Part = string | number | bigint

export interface Sample {
  /** Samples of one kind sort by `parts`. */
  readonly kind: string
  readonly parts: readonly Part[]
  readonly key: Uint8Array
  readonly parsed: ParsedKey
}

function sample(kind: string, parts: readonly Part[], key: Uint8Array, parsed: ParsedKey): Sample {
  return { kind, parts, key, parsed }
}

const tuple = fc.tuple
const optionalId = fc.option(ids, { nil: undefined })
const direction = fc.constantFrom('out', 'in')
const sequence = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const timesMs = fc.maxSafeInteger()
export const entryDatums = fc.array(datums, { maxLength: 3 })
const edges = fc.record(
  { fromId: ids, typeId: numericIds, toId: ids, discriminator: fc.oneof(fc.constant(''), ids) },
  { noNullPrototype: true },
)

const relational: fc.Arbitrary<Sample>[] = [
  tuple(numericIds, int64s).map(([tableId, handle]) =>
    sample('row', [tableId, handle], keys.relational.row(tableId, handle), {
      model: 'relational',
      kind: 'row',
      tableId,
      handle,
    }),
  ),
  tuple(numericIds, ids).map(([tableId, text]) => {
    const handle = handleOf([{ kind: 'text', value: text }])
    const key = keys.relational.row(tableId, handle)
    return sample('common row', [tableId, text], key, { model: 'relational', kind: 'row', tableId, handle })
  }),
  tuple(numericIds, numericIds, int64s).map(([tableId, indexId, value]) =>
    sample(
      'table index',
      [tableId, indexId, value],
      keys.relational.index(tableId, indexId, [{ kind: 'int', value }]),
      { model: 'relational', kind: 'index', tableId, indexId, datums: [{ kind: 'int', value }] },
    ),
  ),
]

const documents: fc.Arbitrary<Sample>[] = [
  tuple(numericIds, ids).map(([collectionId, id]) =>
    sample('document', [collectionId, id], keys.document.record(collectionId, id), {
      model: 'document',
      kind: 'record',
      collectionId,
      id,
    }),
  ),
  tuple(numericIds, numericIds, ids, ids).map(([collectionId, indexId, text, id]) =>
    sample(
      'document index',
      [collectionId, indexId, text, id],
      keys.document.index(collectionId, indexId, [{ kind: 'text', value: text }], id),
      {
        model: 'document',
        kind: 'index',
        collectionId,
        indexId,
        datums: [{ kind: 'bytes', value: Buffer.from(text) }],
        id,
      },
    ),
  ),
  tuple(numericIds, numericIds, entryDatums, optionalId).map(([collectionId, indexId, values, id]) =>
    sample('', [], keys.document.index(collectionId, indexId, values, id), {
      model: 'document',
      kind: 'index',
      collectionId,
      indexId,
      datums: values,
      id,
    }),
  ),
]

const graphs: fc.Arbitrary<Sample>[] = [
  tuple(numericIds, ids).map(([graphId, nodeId]) =>
    sample('node', [graphId, nodeId], keys.graph.node(graphId, nodeId), {
      model: 'graph',
      kind: 'node',
      graphId,
      nodeId,
    }),
  ),
  tuple(numericIds, numericIds, ids).map(([graphId, labelId, nodeId]) =>
    sample('label', [graphId, labelId, nodeId], keys.graph.label(graphId, labelId, nodeId), {
      model: 'graph',
      kind: 'label',
      graphId,
      labelId,
      nodeId,
    }),
  ),
  tuple(numericIds, edges, direction).map(([graphId, edge, way]) => {
    const parts =
      way === 'out'
        ? [graphId, edge.fromId, edge.typeId, edge.toId, edge.discriminator]
        : [graphId, edge.toId, edge.typeId, edge.fromId, edge.discriminator]
    const key = keys.graph.edge(graphId, edge, way)
    return sample(`edge ${way}`, parts, key, { model: 'graph', kind: 'edge', graphId, direction: way, edge })
  }),
  tuple(numericIds, numericIds, entryDatums, optionalId).map(([graphId, indexId, values, nodeId]) =>
    sample('', [], keys.graph.nodeIndex(graphId, indexId, values, nodeId), {
      model: 'graph',
      kind: 'node-index',
      graphId,
      indexId,
      datums: values,
      nodeId,
    }),
  ),
  tuple(numericIds, numericIds, entryDatums, fc.option(edges, { nil: undefined })).map(
    ([graphId, indexId, values, edge]) =>
      sample('', [], keys.graph.edgeIndex(graphId, indexId, values, edge), {
        model: 'graph',
        kind: 'edge-index',
        graphId,
        indexId,
        datums: values,
        edge,
      }),
  ),
]

const vectors: fc.Arbitrary<Sample>[] = [
  tuple(numericIds, ids).map(([collectionId, id]) =>
    sample('vector', [collectionId, id], keys.vector.record(collectionId, id), {
      model: 'vector',
      kind: 'record',
      collectionId,
      id,
    }),
  ),
  tuple(numericIds, ids).map(([collectionId, lane]) =>
    sample('lane', [collectionId, lane], keys.vector.lane(collectionId, lane), {
      model: 'vector',
      kind: 'lane',
      collectionId,
      lane,
    }),
  ),
  tuple(numericIds, numericIds, numericIds).map(([collectionId, indexId, partitionId]) =>
    sample(
      'centroid',
      [collectionId, indexId, partitionId],
      keys.vector.centroid(collectionId, indexId, partitionId),
      { model: 'vector', kind: 'centroid', collectionId, indexId, partitionId },
    ),
  ),
  tuple(numericIds, numericIds, numericIds, ids).map(([collectionId, indexId, partitionId, id]) =>
    sample(
      'posting',
      [collectionId, indexId, partitionId, id],
      keys.vector.posting(collectionId, indexId, partitionId, id),
      { model: 'vector', kind: 'posting', collectionId, indexId, partitionId, id },
    ),
  ),
  tuple(numericIds, numericIds, ids).map(([collectionId, indexId, id]) =>
    sample('assignment', [collectionId, indexId, id], keys.vector.assignment(collectionId, indexId, id), {
      model: 'vector',
      kind: 'assignment',
      collectionId,
      indexId,
      id,
    }),
  ),
  tuple(numericIds, numericIds, entryDatums, optionalId).map(([collectionId, indexId, values, id]) =>
    sample('', [], keys.vector.index(collectionId, indexId, values, id), {
      model: 'vector',
      kind: 'index',
      collectionId,
      indexId,
      datums: values,
      id,
    }),
  ),
]

const timeSeries: fc.Arbitrary<Sample>[] = [
  tuple(numericIds, numericIds).map(([collectionId, seriesId]) =>
    sample('series', [collectionId, seriesId], keys.timeSeries.series(collectionId, seriesId), {
      model: 'timeseries',
      kind: 'series',
      collectionId,
      seriesId,
    }),
  ),
  tuple(numericIds, ids).map(([collectionId, tags]) =>
    sample('exact tags', [collectionId, tags], keys.timeSeries.exactTags(collectionId, tags), {
      model: 'timeseries',
      kind: 'exact-tags',
      collectionId,
      tags,
    }),
  ),
  tuple(numericIds, ids, ids, numericIds).map(([collectionId, tag, value, seriesId]) =>
    sample(
      'tag',
      [collectionId, tag, value, seriesId],
      keys.timeSeries.tag(collectionId, tag, value, seriesId),
      {
        model: 'timeseries',
        kind: 'tag',
        collectionId,
        tag,
        value,
        seriesId,
      },
    ),
  ),
  tuple(numericIds, numericIds, int64s, sequence).map(([collectionId, seriesId, timestamp, seq]) =>
    sample(
      'point',
      [collectionId, seriesId, timestamp, seq],
      keys.timeSeries.point(collectionId, seriesId, timestamp, seq),
      { model: 'timeseries', kind: 'point', collectionId, seriesId, timestamp, sequence: seq },
    ),
  ),
  tuple(numericIds, numericIds, numericIds, int64s).map(([collectionId, seriesId, granularity, bucket]) =>
    sample(
      'rollup',
      [collectionId, seriesId, granularity, bucket],
      keys.timeSeries.rollup(collectionId, seriesId, granularity, bucket),
      { model: 'timeseries', kind: 'rollup', collectionId, seriesId, granularity, bucket },
    ),
  ),
  tuple(numericIds, numericIds, numericIds).map(([collectionId, seriesId, number]) =>
    sample('guard', [collectionId, seriesId, number], keys.timeSeries.guard(collectionId, seriesId, number), {
      model: 'timeseries',
      kind: 'guard',
      collectionId,
      seriesId,
      number,
    }),
  ),
]

const addresses = fc.record({ type: ids, key: ids }, { noNullPrototype: true })

const actors: fc.Arbitrary<Sample>[] = [
  addresses.map((address) =>
    sample('directory', [address.type, address.key], keys.actor.directory(address), {
      model: 'actor',
      kind: 'directory',
      address,
    }),
  ),
  addresses.map((address) =>
    sample('epoch', [address.type, address.key], keys.actor.epoch(address), {
      model: 'actor',
      kind: 'epoch',
      address,
    }),
  ),
  tuple(ids, addresses).map(([nodeId, address]) =>
    sample('by node', [nodeId, address.type, address.key], keys.actor.byNode(nodeId, address), {
      model: 'actor',
      kind: 'by-node',
      nodeId,
      address,
    }),
  ),
  tuple(timesMs, addresses).map(([expiresAtMs, address]) =>
    sample('by expiry', [expiresAtMs, address.type, address.key], keys.actor.byExpiry(expiresAtMs, address), {
      model: 'actor',
      kind: 'by-expiry',
      expiresAtMs,
      address,
    }),
  ),
  ids.map((nodeId) =>
    sample('cluster', [nodeId], keys.actor.node(nodeId), { model: 'actor', kind: 'node', nodeId }),
  ),
  tuple(timesMs, ids).map(([expiresAtMs, nodeId]) =>
    sample('cluster expiry', [expiresAtMs, nodeId], keys.actor.nodeByExpiry(expiresAtMs, nodeId), {
      model: 'actor',
      kind: 'node-by-expiry',
      expiresAtMs,
      nodeId,
    }),
  ),
  tuple(addresses, ids).map(([address, slot]) =>
    sample('state', [address.type, address.key, slot], keys.actor.state(address, slot), {
      model: 'actor',
      kind: 'state',
      address,
      slot,
    }),
  ),
]

const catalog: fc.Arbitrary<Sample>[] = [
  tuple(ids, numericIds, ids).map(([objectKind, parentId, name]) =>
    sample('name', [objectKind, parentId, name], keys.catalog.name(objectKind, name, parentId), {
      model: 'catalog',
      kind: 'name',
      objectKind,
      parentId,
      name,
    }),
  ),
  numericIds.map((id) =>
    sample('object', [id], keys.catalog.object(id), { model: 'catalog', kind: 'object', id }),
  ),
  ids.map((name) =>
    sample('sequence', [name], keys.catalog.sequence(name), { model: 'catalog', kind: 'sequence', name }),
  ),
  tuple(numericIds, ids).map(([id, name]) =>
    sample('statistics', [id, name], keys.catalog.statistics(id, name), {
      model: 'catalog',
      kind: 'statistics',
      id,
      name,
    }),
  ),
  ids.map((name) =>
    sample('fact', [name], keys.internal.fact(name), { model: 'internal', kind: 'fact', name }),
  ),
]

export const sampleKinds: readonly fc.Arbitrary<Sample>[] = [
  ...relational,
  ...documents,
  ...graphs,
  ...vectors,
  ...timeSeries,
  ...actors,
  ...catalog,
]
