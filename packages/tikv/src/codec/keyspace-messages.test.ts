import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { concatBytes } from '@orbit-ts/base'
import type { KvMethod } from '../rpc/method.js'
import { tikvMethods } from '../rpc/methods.js'
import { ApiV2Codec } from './api-v2.js'
import { encodeMemcomparable } from './memcomparable.js'
import { fieldsOf, type Field } from './message-fields.test.data.js'

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(concatBytes(...parts))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const KEYSPACE = 4242
const codec = new ApiV2Codec('transaction', KEYSPACE)
const PREFIX = Uint8Array.of(0x78, 0x00, 0x10, 0x92)
const USER = bytes('k')
const STORED = joined(PREFIX, USER)

/** Bytes that are no keys, by field name. */
const NO_KEYS: ReadonlyMap<string, string> = new Map([
  ['value', 'a value'],
  ['values', 'values'],
  ['previousValue', 'a value'],
  ['shortValue', 'a value'],
  ['data', "the plan or the coprocessor's answer"],
  ['resourceGroupTag', 'a tag'],
  ['traceId', 'an identifier'],
])

/** Keys that stay as they are, by path. */
const EXEMPT: ReadonlyMap<string, string> = new Map([
  ['regionError.bucketVersionNotMatch.keys', 'buckets are not used: only the version is looked at'],
  ['batchResponses.regionError.bucketVersionNotMatch.keys', 'as above'],
])

/** Types of which nothing below is a key of this message. */
const SKIPPED = new Set(['Context', 'ExecDetails', 'ExecDetailsV2', 'Peer', 'RegionEpoch'])

type Side = 'request' | 'response'

/** `coprocessor.Response` is declared in another file than the others. */
interface Message {
  readonly type: string
  readonly isCoprocessor: boolean
}

function messagesOf(): ReadonlyMap<string, readonly [Message, Message]> {
  const text = readFileSync(new URL('../../src/rpc/methods.ts', import.meta.url), 'utf8')
  const found = new Map<string, readonly [Message, Message]>()
  for (const [, name, codecs] of text.matchAll(
    /^ {2}(\w+): (?:batchedMethod|kvMethod)\(([\s\S]*?)\n? {0,2}\),$/gm,
  )) {
    const types = [...(codecs ?? '').matchAll(/\b(kv|cop)\.(\w+?)\b/g)].map(([, file, type]) => ({
      type: file === 'cop' ? `coprocessor.${type}` : (type ?? ''),
      isCoprocessor: file === 'cop',
    }))
    const [request, response] = types
    assert.ok(
      name !== undefined && request !== undefined && response !== undefined,
      `${name}: no messages found`,
    )
    found.set(name, [request, response])
  }
  return found
}

const messages = messagesOf()

/** A message whose every byte field holds `key`, and whose lists hold one element. */
function filled(
  type: string,
  key: Uint8Array,
  isCoprocessor: boolean,
  inside: readonly string[] = [],
): object {
  const fields = fieldsOf(type, isCoprocessor)
  assert.ok(fields !== undefined, `${type} is not declared`)
  return Object.fromEntries(
    fields.map((field) => [field.name, valueOf(type, field, key, isCoprocessor, inside)]),
  )
}

function valueOf(
  owner: string,
  field: Field,
  key: Uint8Array,
  isCoprocessor: boolean,
  inside: readonly string[],
): unknown {
  const isNested = fieldsOf(field.type, isCoprocessor) !== undefined
  // Shared locks hold locks: one level is enough.
  if (isNested && (SKIPPED.has(field.type) || inside.includes(field.type)))
    return field.isList ? [] : undefined
  const one = isNested
    ? filled(field.type, key, isCoprocessor, [...inside, field.type])
    : scalar(owner, field, key)
  return field.isList ? [one] : one
}

function scalar(owner: string, field: Field, key: Uint8Array): unknown {
  switch (field.type) {
    case 'Uint8Array':
      if (!isRegion(owner)) return key
      // A region without an end: with an end at its start it would have no keys.
      if (field.name === 'endKey') return new Uint8Array(0)
      return field.name === 'startKey' ? encodeMemcomparable(key) : key
    case 'bigint':
      return 1n
    case 'string':
      return ''
    case 'boolean':
      return false
    default:
      return 1
  }
}

/** Types whose `startKey` and `endKey` are boundaries of a region, which are stored memcomparable. */
const isRegion = (type: string): boolean => type === 'Region' || type === 'KeyNotInRegion'

/** Every byte field below that is not empty, with where it is. */
function* byteFields(value: unknown, path = ''): Generator<readonly [string, Uint8Array]> {
  if (value instanceof Uint8Array) {
    if (value.length > 0) yield [path, value]
  } else if (Array.isArray(value)) for (const one of value) yield* byteFields(one, path)
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value))
      yield* byteFields(inner, path === '' ? name : `${path}.${name}`)
}

function isKey(path: string): boolean {
  return !NO_KEYS.has(path.slice(path.lastIndexOf('.') + 1))
}

function check(side: Side, name: string, method: KvMethod<unknown, unknown>): void {
  const { type, isCoprocessor } = (messages.get(name) ?? [])[side === 'request' ? 0 : 1] ?? assert.fail(name)
  const before = side === 'request' ? USER : STORED
  const after = side === 'request' ? STORED : USER
  const message = filled(type, before, isCoprocessor)
  const count = [...byteFields(message)].length
  const coded =
    side === 'request' ? codec.encodeRequest(method, message) : codec.decodeResponse(method, message)
  for (const [path, found] of byteFields(coded)) {
    // Pairs to be written have a field for errors that only answers use.
    const isUnused = side === 'request' && path.startsWith('pairs.error.')
    const stays = !isKey(path) || isUnused || EXEMPT.has(path)
    assert.deepEqual(found, stays ? before : after, `${type}.${path}`)
  }
  assert.equal([...byteFields(coded)].length, count, `${type}: fields were lost`)
}

describe('keys in the messages of API V2', () => {
  it('are found in the declarations of every method', () => {
    assert.deepEqual([...messages.keys()].sort(), Object.keys(tikvMethods).sort())
  })

  for (const [name, method] of Object.entries<KvMethod<unknown, unknown>>(tikvMethods)) {
    it(`${name}: every key of the request gets the prefix, every one of the response loses it`, () => {
      check('request', name, method)
      check('response', name, method)
    })
  }

  it('are left alone in a request that is given', () => {
    for (const [name, method] of Object.entries<KvMethod<unknown, unknown>>(tikvMethods)) {
      const { type, isCoprocessor } = messages.get(name)?.[0] ?? assert.fail(name)
      const request = filled(type, USER, isCoprocessor)
      codec.encodeRequest(method, request)
      assert.deepEqual(request, filled(type, USER, isCoprocessor), name)
    }
  })

  it('are left out of a reason only where a field of that path or name is declared', () => {
    const paths = new Set<string>()
    for (const pair of messages.values())
      for (const { type, isCoprocessor } of pair)
        for (const [path] of byteFields(filled(type, USER, isCoprocessor))) paths.add(path)
    for (const path of EXEMPT.keys()) assert.ok(paths.has(path), path)
  })
})
