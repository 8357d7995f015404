/** Nodes and edges, changed through their tables. */
import { OrbitError, defined } from '@orbit-ts/base'
import type { Properties } from '../../models/property/property-types.js'
import { checkEdgeKey } from '../../models/graph/edge-input.js'
import { outKey } from '../../models/graph/edge-writes.js'
import { graphModel } from '../../models/graph/graph-model.js'
import type { EdgeKey, GraphEdge, GraphNode } from '../../models/graph/graph-records.js'
import { GraphSession } from '../../models/graph/graph-session.js'
import { nodeKey } from '../../models/graph/node-writes.js'
import { OpenGraph } from '../../models/graph/open-graph.js'
import type { ModelContext } from '../../models/model.js'
import { plainText, type Value } from '../../scalar/value.js'
import type { WriteRow } from '../relation.js'
import { givenObject, givenTexts, requireSame, requireValue } from './given-values.js'
import type { ModelEdits } from './model-writer.js'

async function openGraph(models: ModelContext, name: string): Promise<OpenGraph> {
  return new OpenGraph(models, await models.objectForWrite(graphModel, name))
}

/** The graph checks them by what it declares. */
function propertiesOf(value: Value | undefined): Properties {
  return value === undefined || value === null ? {} : givenObject('properties', value)
}

const textOf = (value: Value | undefined): string | undefined =>
  value === undefined || value === null ? undefined : plainText(value)

/** `id`, `labels`, `properties`. */
export function nodeEdits(name: string): ModelEdits<GraphNode> {
  const relation = `${name}_nodes`
  return {
    keyOf: ({ id }) => id,
    keyOfRow: ([id]) => textOf(id),
    get: (models, keys) => new GraphSession(models, name).getNodes(keys),
    storeKeys: async (models, keys) => {
      const graph = await openGraph(models, name)
      return keys.map((key) => nodeKey(graph, key))
    },
    insert: (models, rows) =>
      new GraphSession(models, name).addNodes(
        rows.map(([given, labels, properties]) => {
          const id = textOf(given)
          return {
            ...(id === undefined ? {} : { id }),
            labels: givenTexts(requireValue(relation, 'labels', labels), 'labels'),
            properties: propertiesOf(properties),
          }
        }),
      ),
    update: (models, { id, labels }, values) => {
      requireSame(relation, values, [['id', 0, id]])
      const [, given, properties] = values
      const wanted =
        given === undefined ? labels : givenTexts(requireValue(relation, 'labels', given), 'labels')
      return new GraphSession(models, name).updateNode(id, {
        ...(properties === undefined ? {} : { properties: propertiesOf(properties), replace: true }),
        addLabels: wanted.filter((label) => !labels.includes(label)),
        removeLabels: labels.filter((label) => !wanted.includes(label)),
      })
    },
    delete: async (models, { id }) => {
      try {
        await new GraphSession(models, name).deleteNode(id)
      } catch (error) {
        if (!(error instanceof OrbitError) || error.code !== 'NODE_HAS_EDGES') throw error
        throw new OrbitError(
          error.code,
          `delete on table "${relation}" violates the edges of table "${name}_edges"`,
          { sqlState: '23503', detail: `Key (id)=(${id}) is still referenced from table "${name}_edges".` },
        )
      }
    },
  }
}

/** `type`, `source`, `target`, `id`, `properties`. */
export function edgeEdits(name: string): ModelEdits<GraphEdge> {
  const relation = `${name}_edges`
  const endsOf = ([type, source, target, id]: WriteRow): EdgeKey => {
    const given = textOf(id)
    return {
      type: plainText(requireValue(relation, 'type', type)),
      from: plainText(requireValue(relation, 'source', source)),
      to: plainText(requireValue(relation, 'target', target)),
      // Edges of unique types have none: they are read with an empty one.
      ...(given === undefined || given === '' ? {} : { id: given }),
    }
  }
  const keyText = ({ type, from, to, id = '' }: EdgeKey): string => JSON.stringify([type, from, to, id])
  const keyOf = (text: string): EdgeKey => {
    const [type = '', from = '', to = '', id = ''] = JSON.parse(text) as string[]
    return { type, from, to, ...(id === '' ? {} : { id }) }
  }
  return {
    keyOf: keyText,
    // Without an id another edge between the same nodes is meant, unless the type is unique, which the graph knows.
    keyOfRow: (row) => (textOf(row[3]) === undefined ? undefined : keyText(endsOf(row))),
    get: (models, keys) => new GraphSession(models, name).getEdges(keys.map(keyOf)),
    storeKeys: async (models, keys) => {
      const graph = await openGraph(models, name)
      return keys.map((key) => outKey(graph, checkEdgeKey(graph, keyOf(key), 'edge').identity))
    },
    insert: (models, rows) =>
      new GraphSession(models, name).addEdges(
        rows.map((row) => ({ ...endsOf(row), properties: propertiesOf(row[4]) })),
      ),
    update: async (models, edge, values) => {
      const { type, from, to, id } = edge
      requireSame(relation, values, [
        ['type', 0, type],
        ['source', 1, from],
        ['target', 2, to],
        ['id', 3, id],
      ])
      const [properties] = values.slice(4)
      if (properties === undefined) return edge
      const session = new GraphSession(models, name)
      await session.updateEdge(keyOf(keyText(edge)), { properties: propertiesOf(properties), replace: true })
      return defined(await session.getEdge(keyOf(keyText(edge))), 'the changed edge')
    },
    delete: async (models, edge) => {
      await new GraphSession(models, name).deleteEdge(keyOf(keyText(edge)))
    },
  }
}
