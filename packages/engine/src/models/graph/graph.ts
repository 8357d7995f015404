import type { EdgeTypeInput, GraphInput, NodeTypeInput } from './graph-input.js'
import type { Properties, PropertiesOf } from '../property/property-types.js'

/**
 * A graph's declaration, with the types of its properties: `Nodes` by label, `Edges` by edge type. The types exist
 * for the compiler only; the value is plain JSON.
 */
export interface GraphSchema<Nodes = AnyTypes, Edges = AnyTypes> {
  readonly kind: 'graph'
  readonly name: string
  readonly input: GraphInput
  /** Never set: carries types. */
  readonly types?: { readonly nodes: Nodes; readonly edges: Edges }
}

/** Labels (or edge types) that no schema describes. */
export interface AnyTypes {
  readonly [name: string]: Properties
}

type PropertiesByName<Types> = {
  [Name in keyof Types & string]: Types[Name] extends { readonly properties: infer Declared }
    ? PropertiesOf<Declared>
    : Properties
}

type Declared<Types, Input> = string extends keyof Types
  ? AnyTypes
  : Input extends { readonly open: true }
    ? PropertiesByName<Types> & AnyTypes
    : PropertiesByName<Types>

/** The properties of each label that `Input` declares. */
export type NodesOf<Input extends GraphInput> = Declared<
  Input extends { readonly nodes: infer Types extends Readonly<Record<string, NodeTypeInput>> }
    ? Types
    : object,
  Input
>

/** The properties of each edge type that `Input` declares. */
export type EdgesOf<Input extends GraphInput> = Declared<
  Input extends { readonly edges: infer Types extends Readonly<Record<string, EdgeTypeInput>> }
    ? Types
    : object,
  Input
>

/**
 * Declares a graph.
 *
 *     const routes = graph('routes', {
 *       nodes: { Airport: { properties: { name: 'string', latitude: 'number' }, indexes: ['name'] } },
 *       edges: { FLIGHT: { from: 'Airport', to: 'Airport', properties: { count: 'integer' }, unique: true } },
 *     })
 *
 * The declaration is checked when the database is opened with it or the graph is created: SCHEMA_INVALID.
 */
export function graph<const Input extends GraphInput>(
  name: string,
  input: Input,
): GraphSchema<NodesOf<Input>, EdgesOf<Input>> {
  return { kind: 'graph', name, input }
}
