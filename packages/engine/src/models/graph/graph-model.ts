import { graphKeys } from '@orbit-ts/storage'
import type { Model } from '../model.js'
import { graphBuilds } from './build-index.js'
import { defineGraph } from './define-graph.js'
import { DefinitionChange } from './definition-change.js'
import { migrateEdges } from './edge-migration.js'
import { evolveGraph } from './evolve-graph.js'
import type { GraphDefinition } from './graph-definition.js'
import type { GraphInput } from './graph-input.js'
import { migrateNodes } from './node-migration.js'

/**
 * Graphs of labelled nodes and typed edges.
 *
 * A changed declaration is accepted when all stored data fits it: labels, types, properties and indexes may come and
 * go. It is refused with SCHEMA_MISMATCH, naming the first record in its way.
 */
export const graphModel: Model<GraphInput, GraphDefinition> = {
  kind: 'graph',
  define: defineGraph,
  evolve: evolveGraph,
  async afterChange(context, before, after) {
    const change = new DefinitionChange(context, before, after)
    await migrateNodes(change)
    await migrateEdges(change)
  },
  dataRanges: (id) => [graphKeys.graph(id)],
  builds: graphBuilds,
}
