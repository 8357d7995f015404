import { graphKeys, type KeyRange } from '@orbit-ts/storage'
import type { Model } from '../model.js'
import { defineGraph } from './define-graph.js'
import { DefinitionChange, indexIdsMissingFrom } from './definition-change.js'
import { migrateEdges } from './edge-migration.js'
import { evolveGraph } from './evolve-graph.js'
import type { GraphDefinition } from './graph-definition.js'
import type { GraphInput } from './graph-input.js'
import { migrateNodes } from './node-migration.js'

/**
 * Graphs of labelled nodes and typed edges.
 *
 * A changed declaration is accepted when all stored data fits it: labels, types, properties and indexes may come and
 * go. New indexes are built over the data. It is refused with SCHEMA_MISMATCH, naming the first record in its way.
 */
export const graphModel: Model<GraphInput, GraphDefinition> = {
  kind: 'graph',
  define: defineGraph,
  evolve: evolveGraph,
  async afterChange(context, before, after) {
    const change = new DefinitionChange(context, before, after)
    await removeIndexes(change)
    await migrateNodes(change)
    await migrateEdges(change)
  },
  dataRanges: (id) => [graphKeys.graph(id)],
}

async function removeIndexes({ before, after, graph }: DefinitionChange): Promise<void> {
  const ranges: KeyRange[] = []
  for (const id of indexIdsMissingFrom(before.labels, after.labels))
    ranges.push(graphKeys.nodeIndexEntries(graph.id, id))
  for (const id of indexIdsMissingFrom(before.types, after.types))
    ranges.push(graphKeys.edgeIndexEntries(graph.id, id))
  for (const range of ranges) {
    for await (const entries of graph.storage.scan(range, { keysOnly: true })) {
      for (const { key } of entries) graph.storage.delete(key)
    }
  }
}
