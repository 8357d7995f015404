/** Checks stored edges against a changed definition. */
import { graphKeys, type EdgeIdentity, type Entry } from '@orbit-ts/storage'
import { edgeOfKey } from './adjacency.js'
import { MIGRATION_CHUNK_SIZE, beforeOf, missingFrom, type DefinitionChange } from './definition-change.js'
import { endReason } from './edge-writes.js'
import type { EdgeTypeDefinition } from './graph-definition.js'
import type { GraphEdge } from './graph-records.js'
import type { EdgeType } from './graph-types.js'
import { readNodes } from './node-reads.js'
import { isRelaxed } from '../property/property-checks.js'
import { EdgeName, edgeDetails, edgeName } from './record-names.js'
import { decodeEdge } from './record-payload.js'
import { checkProperties } from './record-properties.js'

/** What a changed edge type asks of the edges that are stored. */
interface TypeChange {
  readonly type: EdgeType
  readonly checksProperties: boolean
  readonly checksEnds: boolean
  readonly checksIds: boolean
}

interface StoredEdge {
  readonly edge: GraphEdge
  readonly identity: Required<EdgeIdentity>
}

/** One pass over all edges, if any type changed so that it matters. @throws SCHEMA_MISMATCH */
export async function migrateEdges(change: DefinitionChange): Promise<void> {
  const { before, after, graph } = change
  const lost = missingFrom(before.types, after.types)
  const changes = typeChanges(change)
  if (!change.closes && lost.length === 0 && changes.size === 0) return
  const range = graphKeys.edges(graph.id)
  for await (const entries of graph.storage.scan(range, { chunkSize: MIGRATION_CHUNK_SIZE })) {
    const edges = entries.map((entry) => storedEdge(change, entry))
    for (const { edge, identity } of edges) refuseLostType(change, lost, edge, identity)
    const changed = edges.filter(({ identity }) => changes.has(identity.typeId))
    if (changed.length > 0) await verifyChunk(change, changes, changed)
  }
}

/** By the old definition, which knows the types that are lost. */
function storedEdge({ old }: DefinitionChange, { key, value }: Entry): StoredEdge {
  const identity = edgeOfKey(key).edge
  return { identity, edge: decodeEdge(old, identity, value, key) }
}

function refuseLostType(
  change: DefinitionChange,
  lost: readonly EdgeTypeDefinition[],
  edge: GraphEdge,
  { typeId }: EdgeIdentity,
): void {
  const isUndeclared = change.closes && change.graph.types.declaredType(typeId) === undefined
  if (!isUndeclared && beforeOf(lost, typeId) === undefined) return
  throw change.mismatch(
    `edge type "${edge.type}" is left out, but ${edgeName(edge)} has it; delete its edges, or declare it`,
    {
      ...edgeDetails(edge),
      type: edge.type,
    },
  )
}

function typeChanges({ before, after, graph }: DefinitionChange): Map<number, TypeChange> {
  const changes = new Map<number, TypeChange>()
  for (const definition of after.types) {
    const type = graph.types.declaredType(definition.id)
    if (type === undefined) continue
    const old = beforeOf(before.types, definition.id)
    const checksProperties = !isRelaxed(old?.properties, definition.properties)
    const checksEnds = isNarrowed(old?.from, definition.from) || isNarrowed(old?.to, definition.to)
    const checksIds = definition.unique && old?.unique !== true
    if (!checksProperties && !checksEnds && !checksIds) continue
    changes.set(definition.id, { type, checksProperties, checksEnds, checksIds })
  }
  return changes
}

function isNarrowed(before: readonly string[] | undefined, after: readonly string[] | undefined): boolean {
  if (after === undefined) return false
  return before === undefined || before.some((label) => !after.includes(label))
}

async function verifyChunk(
  change: DefinitionChange,
  changes: ReadonlyMap<number, TypeChange>,
  edges: readonly StoredEdge[],
): Promise<void> {
  const labels = await labelsOfEnds(change, changes, edges)
  for (const { edge, identity } of edges) {
    const typeChange = changes.get(identity.typeId)
    if (typeChange !== undefined) verifyEdge(change, typeChange, edge, labels)
  }
}

function verifyEdge(
  change: DefinitionChange,
  { type, checksProperties, checksEnds, checksIds }: TypeChange,
  edge: GraphEdge,
  labels: ReadonlyMap<string, readonly string[]>,
): void {
  const name = new EdgeName(edge)
  if (checksIds && edge.id !== '') {
    throw change.mismatch(
      `${name.what} has an id, so edge type "${type.name}" cannot become unique; delete such edges first`,
      name.details,
    )
  }
  if (checksProperties) {
    change.verify(() => checkProperties(change.graph, { name, types: [type] }, edge.properties))
  }
  if (!checksEnds) return
  for (const end of ['from', 'to'] as const) {
    const accepted = type[end]
    const found = labels.get(edge[end]) ?? []
    if (accepted === undefined || found.some((label) => accepted.includes(label))) continue
    throw change.mismatch(
      `${name.what}: ${endReason(type.name, end, accepted, edge[end], found)}`,
      name.details,
    )
  }
}

async function labelsOfEnds(
  { graph }: DefinitionChange,
  changes: ReadonlyMap<number, TypeChange>,
  edges: readonly StoredEdge[],
): Promise<Map<string, readonly string[]>> {
  const checked = edges.filter(({ identity }) => changes.get(identity.typeId)?.checksEnds === true)
  const ids = [...new Set(checked.flatMap(({ edge }) => [edge.from, edge.to]))]
  const nodes = await readNodes(graph, ids)
  return new Map(ids.map((id, i) => [id, nodes[i]?.node.labels ?? []]))
}
