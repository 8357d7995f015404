import type { ByteWriter } from '@orbit-ts/storage'
import type { Collation, ScalarType, TypeCategory } from '../data-type.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'

/** What one type is, written for the values that it has. */
export interface TypeDefinition<V extends Value> {
  readonly oid: number
  readonly name: string
  /** Default: the name. */
  readonly displayName?: string
  readonly category: TypeCategory
  /** Default: false. */
  readonly isPreferred?: boolean
  /** Default: -1, variable. */
  readonly length?: number
  /** Default: false. */
  readonly isCollatable?: boolean
  readonly element?: ScalarType
  readonly labels?: readonly string[]
  readonly subtype?: ScalarType
  readonly range?: ScalarType
  readonly fields?: ScalarType['fields']
  parse(text: string, modifier: number, context: ScalarContext): V
  format(value: V, context: ScalarContext): string
  encode(writer: ByteWriter, value: V, context: ScalarContext): void
  decode(bytes: Uint8Array, modifier: number, context: ScalarContext): V
  compare?: ((a: V, b: V, collation: Collation | undefined) => number) | undefined
  hashKey?: ((value: V) => string | number | bigint | boolean) | undefined
  applyModifier?(value: V, modifier: number, isExplicit: boolean): V
  makeModifier?(values: readonly number[]): number
  formatModifier?(modifier: number): string
}

/** A type as everybody sees it. That its functions get no values but its own is the plan's promise. */
export function defineType<V extends Value>(definition: TypeDefinition<V>): ScalarType {
  const { compare, hashKey, element, labels, fields, ...rest } = definition
  return {
    displayName: definition.name,
    isPreferred: false,
    length: -1,
    isCollatable: false,
    ...rest,
    ...(element !== undefined && { element }),
    ...(labels !== undefined && { labels }),
    ...(fields !== undefined && { fields }),
    compare: compare as ScalarType['compare'],
    hashKey: hashKey as ScalarType['hashKey'],
  }
}
