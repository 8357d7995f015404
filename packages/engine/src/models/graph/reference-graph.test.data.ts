/** A graph in plain maps, as simple as can be: what the real one is compared with. */
import type { ErrorCode } from '@orbit-ts/base'
import type { GraphEdge, GraphNode } from './graph-records.js'
import type { GraphInput } from './graph-input.js'
import type { Properties } from '../property/property-types.js'

export const REFERENCE_INPUT = {
  nodes: {
    Person: {
      properties: { name: 'string', age: 'integer?', tags: 'string[]?' },
      indexes: ['name', 'age', 'tags', { fields: ['age', 'name'] }],
    },
    City: { properties: { name: 'string', code: 'string?' }, indexes: [{ fields: 'code', unique: true }] },
    Thing: {
      indexes: ['x', 'a.b', { fields: ['x', 'y'] }, { name: 'both', fields: ['x', 'code'], unique: true }],
    },
  },
  edges: {
    KNOWS: { from: 'Person', to: 'Person', properties: { weight: 'number?' }, indexes: ['weight'] },
    LIVES_IN: {
      from: 'Person',
      to: ['City', 'Thing'],
      unique: true,
      indexes: [{ fields: 'since', unique: true }],
    },
    LINK: { indexes: ['kind', { fields: ['kind', 'rank'] }] },
  },
} as const satisfies GraphInput

type Outcome<T> = { readonly value: T } | { readonly code: ErrorCode }

export interface EdgeName {
  readonly type: 'KNOWS' | 'LIVES_IN' | 'LINK'
  readonly from: string
  readonly to: string
  readonly id: string
}

/** The code with which an operation is refused, or what it gives. Checks come in the order in which Orbit makes them. */
export class ReferenceGraph {
  readonly nodes = new Map<string, GraphNode>()
  readonly edges = new Map<string, GraphEdge>()

  copy(): ReferenceGraph {
    const copy = new ReferenceGraph()
    for (const [id, node] of this.nodes) copy.nodes.set(id, node)
    for (const [id, edge] of this.edges) copy.edges.set(id, edge)
    return copy
  }

  addNode(id: string, labels: readonly string[], given: Properties): Outcome<GraphNode> {
    const properties = withoutNulls(given)
    const refused = checkNode(labels, properties)
    if (refused !== undefined) return { code: refused }
    if (this.nodes.has(id)) return { code: 'RECORD_EXISTS' }
    const node = { id, labels: [...new Set(labels)], properties }
    if (this.#isNodeTaken(node)) return { code: 'UNIQUE_VIOLATION' }
    this.nodes.set(id, node)
    return { value: node }
  }

  updateNode(
    id: string,
    update: {
      properties: Properties
      replace: boolean
      addLabels: readonly string[]
      removeLabels: readonly string[]
    },
  ): Outcome<GraphNode> {
    const before = this.nodes.get(id)
    if (before === undefined) return { code: 'RECORD_NOT_FOUND' }
    if (update.addLabels.some((label) => update.removeLabels.includes(label)))
      return { code: 'INVALID_ARGUMENT' }
    const labels = new Set(before.labels.filter((label) => !update.removeLabels.includes(label)))
    for (const label of update.addLabels) labels.add(label)
    if (labels.size === 0) return { code: 'INVALID_ARGUMENT' }
    if (this.#edgeNeedsLabels(id, before.labels, [...labels])) return { code: 'CHECK_VIOLATION' }
    const properties = withoutNulls(
      update.replace ? update.properties : { ...before.properties, ...update.properties },
    )
    const refused = checkNode([...labels], properties)
    if (refused !== undefined) return { code: refused }
    const node = { id, labels: [...labels], properties }
    if (this.#isNodeTaken(node)) return { code: 'UNIQUE_VIOLATION' }
    this.nodes.set(id, node)
    return { value: node }
  }

  deleteNode(id: string, detach: boolean): Outcome<boolean> {
    if (!this.nodes.has(id)) return { value: false }
    const edges = this.edgesOf(id)
    if (edges.length > 0 && !detach) return { code: 'NODE_HAS_EDGES' }
    for (const edge of edges) this.edges.delete(keyOf(edge))
    this.nodes.delete(id)
    return { value: true }
  }

  addEdge(name: EdgeName, given: Properties): Outcome<GraphEdge> {
    const properties = withoutNulls(given)
    const edge = { ...name, id: name.type === 'LIVES_IN' ? '' : name.id, properties }
    const refused = checkEdge(edge)
    if (refused !== undefined) return { code: refused }
    for (const [end, id] of [
      ['from', edge.from],
      ['to', edge.to],
    ] as const) {
      const node = this.nodes.get(id)
      if (node === undefined) return { code: 'DANGLING_EDGE' }
      const accepted = endLabels(edge.type, end)
      if (accepted !== undefined && !node.labels.some((label) => accepted.includes(label))) {
        return { code: 'CHECK_VIOLATION' }
      }
    }
    if (this.edges.has(keyOf(edge))) return { code: 'RECORD_EXISTS' }
    if (this.#isEdgeTaken(edge)) return { code: 'UNIQUE_VIOLATION' }
    this.edges.set(keyOf(edge), edge)
    return { value: edge }
  }

  updateEdge(name: EdgeName, patch: Properties, replace: boolean): Outcome<GraphEdge> {
    const key = keyOf({ ...name, id: name.type === 'LIVES_IN' ? '' : name.id })
    const before = this.edges.get(key)
    if (before === undefined) return { code: 'RECORD_NOT_FOUND' }
    const properties = withoutNulls(replace ? patch : { ...before.properties, ...patch })
    const edge = { ...before, properties }
    const refused = checkEdge(edge)
    if (refused !== undefined) return { code: refused }
    if (this.#isEdgeTaken(edge)) return { code: 'UNIQUE_VIOLATION' }
    this.edges.set(key, edge)
    return { value: edge }
  }

  deleteEdge(name: EdgeName): Outcome<boolean> {
    return { value: this.edges.delete(keyOf({ ...name, id: name.type === 'LIVES_IN' ? '' : name.id })) }
  }

  edgesOf(id: string): GraphEdge[] {
    return [...this.edges.values()].filter(({ from, to }) => from === id || to === id)
  }

  #edgeNeedsLabels(id: string, before: readonly string[], after: readonly string[]): boolean {
    return this.edgesOf(id).some((edge) =>
      (['from', 'to'] as const).some((end) => {
        const accepted = endLabels(edge.type, end)
        if (edge[end] !== id || accepted === undefined) return false
        return (
          before.some((label) => accepted.includes(label)) && !after.some((label) => accepted.includes(label))
        )
      }),
    )
  }

  #isNodeTaken(node: GraphNode): boolean {
    return [...this.nodes.values()].some(
      (other) =>
        other.id !== node.id &&
        ((shareLabel(node, other, 'City') && overlap(node, other, 'code')) ||
          (shareLabel(node, other, 'Thing') && overlap(node, other, 'x') && overlap(node, other, 'code'))),
    )
  }

  #isEdgeTaken(edge: GraphEdge): boolean {
    return [...this.edges.values()].some(
      (other) =>
        keyOf(other) !== keyOf(edge) &&
        edge.type === 'LIVES_IN' &&
        other.type === 'LIVES_IN' &&
        overlap(edge, other, 'since'),
    )
  }
}

export function keyOf({
  type,
  from,
  to,
  id,
}: {
  type: string
  from: string
  to: string
  id: string
}): string {
  return JSON.stringify([from, type, to, id])
}

function endLabels(type: string, end: 'from' | 'to'): readonly string[] | undefined {
  if (type === 'KNOWS') return ['Person']
  if (type === 'LIVES_IN') return end === 'from' ? ['Person'] : ['City', 'Thing']
  return undefined
}

function shareLabel(a: GraphNode, b: GraphNode, label: string): boolean {
  return a.labels.includes(label) && b.labels.includes(label)
}

/** A scalar of one is a scalar of the other; elements of arrays count one by one. */
function overlap(a: { properties: Properties }, b: { properties: Properties }, field: string): boolean {
  const values = scalarsOf(b.properties[field])
  return scalarsOf(a.properties[field]).some((value) => values.includes(value))
}

function scalarsOf(value: unknown): unknown[] {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.filter((each) => each !== null && each !== undefined && typeof each !== 'object')
}

export function withoutNulls(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null))
}

const PERSON = ['name', 'age', 'tags']
const CITY = ['name', 'code']

function checkNode(labels: readonly string[], properties: Properties): ErrorCode | undefined {
  if (labels.length === 0) return 'INVALID_ARGUMENT'
  const isPerson = labels.includes('Person')
  const isCity = labels.includes('City')
  if (!labels.includes('Thing')) {
    const known = [...(isPerson ? PERSON : []), ...(isCity ? CITY : [])]
    if (Object.keys(properties).some((name) => !known.includes(name))) return 'INVALID_ARGUMENT'
  }
  const { name, age, tags, code } = properties as Record<string, unknown>
  // By label, then by property: the first that is wrong says the code.
  for (const label of labels) {
    if (label === 'Thing') continue
    if (name === undefined) return 'NOT_NULL_VIOLATION'
    if (typeof name !== 'string') return 'TYPE_MISMATCH'
    if (label === 'Person' && age !== undefined && !Number.isSafeInteger(age)) return 'TYPE_MISMATCH'
    if (label === 'Person' && tags !== undefined && !isTextArray(tags)) return 'TYPE_MISMATCH'
    if (label === 'City' && code !== undefined && typeof code !== 'string') return 'TYPE_MISMATCH'
  }
  return undefined
}

function checkEdge({ type, properties }: GraphEdge): ErrorCode | undefined {
  if (type !== 'KNOWS') return undefined
  if (Object.keys(properties).some((name) => name !== 'weight')) return 'INVALID_ARGUMENT'
  const { weight } = properties as Record<string, unknown>
  return weight === undefined || typeof weight === 'number' ? undefined : 'TYPE_MISMATCH'
}

function isTextArray(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string')
}
