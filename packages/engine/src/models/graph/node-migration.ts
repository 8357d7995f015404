/** Checks stored nodes against a changed definition. */
import { graphKeys } from '@orbit-ts/storage'
import { MIGRATION_CHUNK_SIZE, beforeOf, missingFrom, type DefinitionChange } from './definition-change.js'
import type { GraphNode } from './graph-records.js'
import type { RecordType } from './graph-types.js'
import { checkLabels } from './node-input.js'
import { NodeSource } from './node-source.js'
import { isRelaxed } from '../property/property-checks.js'
import { NodeName } from './record-names.js'
import { checkProperties } from './record-properties.js'

/** @throws SCHEMA_MISMATCH */
export async function migrateNodes(change: DefinitionChange): Promise<void> {
  const { before, after, graph } = change
  await refuseLostLabels(change)
  if (change.closes) await eachChunk(change, undefined, (nodes) => verifyNodes(change, nodes))
  for (const definition of after.labels) {
    const label = graph.types.declaredLabel(definition.id)
    if (label === undefined) continue
    const isRelaxedOnly = isRelaxed(beforeOf(before.labels, label.id)?.properties, definition.properties)
    if (change.closes || isRelaxedOnly) continue
    await eachChunk(change, label, (nodes) => verifyNodes(change, nodes))
  }
}

async function refuseLostLabels(change: DefinitionChange): Promise<void> {
  const { before, after, graph } = change
  for (const { id, name } of missingFrom(before.labels, after.labels)) {
    const range = graphKeys.nodesWithLabel(graph.id, id)
    for await (const entries of graph.storage.scan(range, { keysOnly: true, limit: 1 })) {
      if (entries.length === 0) continue
      throw change.mismatch(
        `label "${name}" is left out, but nodes have it; take it from them, or declare it`,
        { label: name },
      )
    }
  }
}

async function eachChunk(
  { graph, old }: DefinitionChange,
  label: RecordType | undefined,
  work: (nodes: readonly GraphNode[]) => void,
): Promise<void> {
  const source = new NodeSource(label === undefined ? old : graph, label)
  for await (const nodes of source.scan({ chunkSize: MIGRATION_CHUNK_SIZE })) work(nodes)
}

function verifyNodes(change: DefinitionChange, nodes: readonly GraphNode[]): void {
  const { graph } = change
  for (const { id, labels, properties } of nodes) {
    const name = new NodeName(id)
    change.verify(() => {
      const types = checkLabels(graph, labels, name.what)
      if (types.length === 0 && !graph.types.isOpen)
        throw graph.error('SCHEMA_MISMATCH', `${name.what} has no label`)
      checkProperties(graph, { name, types }, properties)
    })
  }
}
