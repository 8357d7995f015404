import type { JsonValue } from '../../record/json-value.js'

/**
 * Properties that no schema describes: JSON. On a node or an edge itself null is the same as absent, and is not stored.
 */
export interface Properties {
  readonly [name: string]: JsonValue
}

/** The types a property may be declared with, and what each is in TypeScript. */
export interface PropertyTypeMap {
  string: string
  number: number
  /** A safe integer. */
  integer: number
  boolean: boolean
  object: { readonly [name: string]: JsonValue }
  array: readonly JsonValue[]
  'string[]': readonly string[]
  'number[]': readonly number[]
  'boolean[]': readonly boolean[]
  json: NonNullable<JsonValue>
}

export type PropertyTypeName = keyof PropertyTypeMap

/** A type by name; with a question mark the property may be absent. */
export type PropertyType = PropertyTypeName | `${PropertyTypeName}?`

/** `{ name: 'string', elevation: 'number?' }` */
export interface PropertyTypes {
  readonly [name: string]: PropertyType
}

type ValueOf<Type> = Type extends `${infer Name}?`
  ? ValueOf<Name>
  : Type extends PropertyTypeName
    ? PropertyTypeMap[Type]
    : never

type OptionalNames<Types> = { [K in keyof Types]: Types[K] extends `${string}?` ? K : never }[keyof Types]

type Simplify<T> = { [K in keyof T]: T[K] }

/** What properties declared as `Types` hold, as they are read; free ones when nothing is declared. */
export type PropertiesOf<Types> = Types extends PropertyTypes
  ? string extends keyof Types
    ? Properties
    : Simplify<
        { readonly [K in Exclude<keyof Types, OptionalNames<Types>>]: ValueOf<Types[K]> } & {
          readonly [K in OptionalNames<Types>]?: ValueOf<Types[K]>
        }
      >
  : Properties

/** What may be given to write properties that read as `P`: optional ones may also be null, which leaves them out. */
export type PropertiesInput<P> = string extends keyof P
  ? P
  : { [K in keyof P]: object extends Pick<P, K> ? P[K] | null : P[K] }

/** A change of properties: what is left out stays, null removes. */
export type PropertiesPatch<P> = string extends keyof P
  ? P
  : { [K in keyof P]?: object extends Pick<P, K> ? P[K] | null : P[K] }
