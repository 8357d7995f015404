import { didYouMean } from '@orbit-ts/base'
import { isKept, statusOf, type Indexed } from '../../catalog/index-status.js'
import { parsePath, type Path } from '../../filter/path.js'
import type {
  EdgeTypeDefinition,
  GraphDefinition,
  IndexDefinition,
  RecordTypeDefinition,
} from './graph-definition.js'
import { openId } from './open-id.js'
import { isScalar, propertyRules, type PropertyRule } from '../property/property-checks.js'

/** A label or an edge type, prepared for use. */
export interface RecordType {
  readonly id: number
  readonly name: string
  /** Undefined: any properties. */
  readonly rules: ReadonlyMap<string, PropertyRule> | undefined
  /** Those that writers keep. */
  readonly indexes: readonly PropertyIndex[]
}

export interface EdgeType extends RecordType {
  readonly from: readonly string[] | undefined
  readonly to: readonly string[] | undefined
  readonly isUnique: boolean
}

export interface PropertyIndex {
  readonly id: number
  readonly name: string
  readonly isUnique: boolean
  /** It has the entries of all records: queries may use it. */
  readonly isReady: boolean
  readonly fields: readonly IndexField[]
}

export interface IndexField {
  readonly path: Path
  /** Declared to hold one value that sorts, or none. */
  readonly isScalar: boolean
  /** Declared, and never absent. */
  readonly isRequired: boolean
}

/** The labels and edge types of a graph by name and id. Built once per stored definition. */
export class GraphTypes {
  readonly isOpen: boolean
  readonly #labels: ReadonlyMap<string, RecordType>
  readonly #types: ReadonlyMap<string, EdgeType>
  readonly #labelsById: ReadonlyMap<number, RecordType>
  readonly #typesById: ReadonlyMap<number, EdgeType>

  static readonly #compiled = new WeakMap<GraphDefinition, GraphTypes>()

  static of(definition: GraphDefinition): GraphTypes {
    let types = GraphTypes.#compiled.get(definition)
    if (types === undefined) {
      types = new GraphTypes(definition)
      GraphTypes.#compiled.set(definition, types)
    }
    return types
  }

  private constructor(definition: GraphDefinition) {
    this.isOpen = definition.open
    const labels = definition.labels.map((label) => recordType(label, definition))
    const types = definition.types.map((type) => edgeType(type, definition))
    this.#labels = new Map(labels.map((label) => [label.name, label]))
    this.#types = new Map(types.map((type) => [type.name, type]))
    this.#labelsById = new Map(labels.map((label) => [label.id, label]))
    this.#typesById = new Map(types.map((type) => [type.id, type]))
  }

  get labels(): Iterable<RecordType> {
    return this.#labels.values()
  }

  get types(): Iterable<EdgeType> {
    return this.#types.values()
  }

  /** Undefined when it is not declared and the graph is not open. */
  label(name: string): RecordType | undefined {
    return this.#labels.get(name) ?? (this.isOpen ? undeclared(name) : undefined)
  }

  /** Undefined when it is not declared and the graph is not open. */
  type(name: string): EdgeType | undefined {
    return this.#types.get(name) ?? (this.isOpen ? undeclaredType(name) : undefined)
  }

  declaredLabel(id: number): RecordType | undefined {
    return this.#labelsById.get(id)
  }

  declaredType(id: number): EdgeType | undefined {
    return this.#typesById.get(id)
  }

  labelHint(name: string): string {
    return didYouMean(name, this.#labels.keys())
  }

  typeHint(name: string): string {
    return didYouMean(name, this.#types.keys())
  }
}

function recordType({ id, name, properties, indexes }: RecordTypeDefinition, statuses: Indexed): RecordType {
  const rules = properties === undefined ? undefined : propertyRules(properties)
  const kept = indexes.filter((index) => isKept(statuses, index.id))
  return { id, name, rules, indexes: kept.map((index) => propertyIndex(index, rules, statuses)) }
}

function edgeType(definition: EdgeTypeDefinition, statuses: Indexed): EdgeType {
  return {
    ...recordType(definition, statuses),
    from: definition.from,
    to: definition.to,
    isUnique: definition.unique,
  }
}

function propertyIndex(
  { id, name, unique, fields }: IndexDefinition,
  rules: ReadonlyMap<string, PropertyRule> | undefined,
  statuses: Indexed,
): PropertyIndex {
  const indexFields = fields.map((field) => {
    const path = parsePath(field)
    const [first] = path.steps
    const rule = path.steps.length > 1 || first === undefined ? undefined : rules?.get(first.key)
    return { path, isScalar: rule !== undefined && isScalar(rule), isRequired: rule?.required === true }
  })
  return { id, name, isUnique: unique, isReady: statusOf(statuses, id) === undefined, fields: indexFields }
}

function undeclared(name: string): RecordType {
  return { id: openId(name), name, rules: undefined, indexes: [] }
}

function undeclaredType(name: string): EdgeType {
  return { ...undeclared(name), from: undefined, to: undefined, isUnique: false }
}
