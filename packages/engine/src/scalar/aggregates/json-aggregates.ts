import { defined, type OrbitError } from '@orbit-ts/base'
import { queryError } from '../condition.js'
import type { DataType, ScalarType } from '../data-type.js'
import type { Accumulator, AggregateFunction } from '../functions/function.js'
import { keyText } from '../functions/json/json-keys.js'
import { isNested, jsonNodeOf, jsonTextOf, type JsonTextOf } from '../functions/json/json-text-of.js'
import { quoteJson } from '../json/format-json.js'
import { makeJsonObject } from '../json/json-object.js'
import { Jsonb, type JsonNode } from '../json/jsonb.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { requireLength, requireNodes } from '../value-limits.js'
import { sizeOfNode } from '../value-size.js'
import { workMeter } from '../work-meter.js'
import { aggregate } from './define-aggregate.js'

/** Texts between brackets. */
class TextList implements Accumulator {
  readonly #textOf: (context: ScalarContext, args: readonly Value[], isFirst: boolean) => string
  readonly #brackets: readonly [string, string]
  #text: string | undefined

  constructor(
    textOf: (context: ScalarContext, args: readonly Value[], isFirst: boolean) => string,
    brackets: readonly [string, string],
  ) {
    this.#textOf = textOf
    this.#brackets = brackets
  }

  get sizeBytes(): number {
    return 2 * (this.#text?.length ?? 0)
  }

  add(context: ScalarContext, args: readonly Value[]): void {
    const item = this.#textOf(context, args, this.#text === undefined)
    this.#text = this.#text === undefined ? item : `${this.#text}, ${item}`
    requireLength(this.#text.length)
  }

  result(): Value {
    const [open, close] = this.#brackets
    return this.#text === undefined ? null : open + this.#text + close
  }
}

const SLOT_BYTES = 8
const MEMBER_BYTES = 100

function made(value: Jsonb): Jsonb {
  workMeter.make(value)
  return value
}

class NodeList implements Accumulator {
  readonly #nodeOf: (context: ScalarContext, value: Value) => JsonNode
  readonly #nodes: JsonNode[] = []
  sizeBytes = 0

  constructor(nodeOf: (context: ScalarContext, value: Value) => JsonNode) {
    this.#nodeOf = nodeOf
  }

  add(context: ScalarContext, args: readonly Value[]): void {
    const value = args[0] ?? null
    const node = value === null ? null : this.#nodeOf(context, value)
    this.#nodes.push(node)
    requireNodes(this.#nodes.length)
    this.sizeBytes += SLOT_BYTES + sizeOfNode(node)
  }

  result(): Value {
    return this.#nodes.length === 0 ? null : made(new Jsonb(this.#nodes.slice()))
  }
}

class MemberList implements Accumulator {
  readonly #keyOf: JsonTextOf
  readonly #nodeOf: (context: ScalarContext, value: Value) => JsonNode
  readonly #members: [string, JsonNode][] = []
  sizeBytes = 0

  constructor(keyOf: JsonTextOf, nodeOf: (context: ScalarContext, value: Value) => JsonNode) {
    this.#keyOf = keyOf
    this.#nodeOf = nodeOf
  }

  add(context: ScalarContext, args: readonly Value[]): void {
    const key = requireKey(args[0] ?? null)
    const value = args[1] ?? null
    const name = this.#keyOf(context, key)
    const node = value === null ? null : this.#nodeOf(context, value)
    this.#members.push([name, node])
    requireNodes(this.#members.length)
    this.sizeBytes += MEMBER_BYTES + name.length + sizeOfNode(node)
  }

  result(): Value {
    return this.#members.length === 0 ? null : made(new Jsonb(makeJsonObject(this.#members)))
  }
}

/** A type that cannot be a key is refused when there is a key of it, not before. */
function lazyKeyText(type: ScalarType): JsonTextOf {
  let keyOf: JsonTextOf | undefined
  return (context, value) => (keyOf ??= keyText(type))(context, value)
}

function requireKey(key: Value): Value {
  if (key === null) throw fieldNameIsNull()
  return key
}

function fieldNameIsNull(): OrbitError {
  return queryError('invalid_parameter_value', 'field name must not be null')
}

function scalarAt(types: readonly DataType[], index: number): ScalarType {
  return defined(types[index], 'the type of an argument').scalar
}

function bindArray(types: readonly DataType[]): () => Accumulator {
  const type = scalarAt(types, 0)
  const textOf = jsonTextOf(type)
  // Records and arrays begin on lines of their own.
  const separator = isNested(type) ? '\n ' : ''
  const item = (context: ScalarContext, [value = null]: readonly Value[], isFirst: boolean): string =>
    value === null ? 'null' : (isFirst ? '' : separator) + textOf(context, value)
  return () => new TextList(item, ['[', ']'])
}

function bindObject(types: readonly DataType[]): () => Accumulator {
  const keyOf = lazyKeyText(scalarAt(types, 0))
  const textOf = jsonTextOf(scalarAt(types, 1))
  const item = (context: ScalarContext, [key = null, value = null]: readonly Value[]): string =>
    `${quoteJson(keyOf(context, requireKey(key)))} : ${value === null ? 'null' : textOf(context, value)}`
  return () => new TextList(item, ['{ ', ' }'])
}

export const jsonAggregates: readonly AggregateFunction[] = [
  aggregate('3175 json_agg(anyelement) json nullable stable', { bind: bindArray }),
  aggregate('3197 json_object_agg(any,any) json nullable stable', { bind: bindObject }),
  aggregate('3267 jsonb_agg(anyelement) jsonb nullable stable', {
    bind: (types) => {
      const nodeOf = jsonNodeOf(scalarAt(types, 0))
      return () => new NodeList(nodeOf)
    },
  }),
  aggregate('3270 jsonb_object_agg(any,any) jsonb nullable', {
    bind: (types) => {
      const keyOf = lazyKeyText(scalarAt(types, 0))
      const nodeOf = jsonNodeOf(scalarAt(types, 1))
      return () => new MemberList(keyOf, nodeOf)
    },
  }),
]
