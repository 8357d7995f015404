/** Vectors of single-precision numbers, with pgvector's text and binary forms. */
import { asBuffer } from '@orbit-ts/base'
import { queryError } from '../condition.js'
import { invalidBinary } from './bad-input.js'
import { defineType } from './define-type.js'
import { shortestFloat4 } from './float-types.js'

const DIMENSIONS_MAX = 16_000
const NUMBER = /^[ \t\n\v\f\r]*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|nan|inf|infinity)[ \t\n\v\f\r]*$/i

/** @throws invalid_text_representation, numeric_value_out_of_range, data_exception, program_limit_exceeded */
export function parseVector(text: string): Float32Array {
  const match = /^[ \t\n\v\f\r]*\[([^\]]*)\][ \t\n\v\f\r]*$/.exec(text)
  if (match === null) throw invalidVector(text)
  const inner = match[1] ?? ''
  if (/^\s*$/.test(inner)) throw queryError('data_exception', 'vector must have at least 1 dimension')
  const items = inner.split(',')
  checkDimensions(items.length)
  return Float32Array.from(items, (item) => parseElement(item, text))
}

function parseElement(item: string, text: string): number {
  if (!NUMBER.test(item)) throw invalidVector(text)
  const word = item.trim().toLowerCase()
  if (word.includes('nan')) throw queryError('data_exception', 'NaN not allowed in vector')
  if (word.includes('inf')) throw queryError('data_exception', 'infinite value not allowed in vector')
  const value = Math.fround(Number(word))
  if (!Number.isFinite(value)) {
    throw queryError('numeric_value_out_of_range', `"${item.trim()}" is out of range for type vector`)
  }
  return value
}

function invalidVector(text: string): Error {
  return queryError('invalid_text_representation', `invalid input syntax for type vector: "${text}"`)
}

/** @throws data_exception, program_limit_exceeded */
export function checkDimensions(count: number): void {
  if (count < 1) throw queryError('data_exception', 'vector must have at least 1 dimension')
  if (count > DIMENSIONS_MAX) {
    throw queryError('program_limit_exceeded', `vector cannot have more than ${DIMENSIONS_MAX} dimensions`)
  }
}

export function formatVector(value: Float32Array): string {
  return `[${Array.from(value, shortestFloat4).join(',')}]`
}

/** Number by number, then the shorter one first. */
export function compareVectors(a: Float32Array, b: Float32Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a[i] ?? 0
    const y = b[i] ?? 0
    if (x !== y) return x < y ? -1 : 1
  }
  return a.length - b.length
}

function applyDimensions(value: Float32Array, modifier: number): Float32Array {
  if (modifier >= 0 && value.length !== modifier) {
    throw queryError('data_exception', `expected ${modifier} dimensions, not ${value.length}`)
  }
  return value
}

function decodeVector(bytes: Uint8Array): Float32Array {
  const buffer = asBuffer(bytes)
  if (buffer.length < 4) throw queryError('protocol_violation', 'insufficient data left in message')
  const count = buffer.readInt16BE(0)
  checkDimensions(count)
  if (buffer.readInt16BE(2) !== 0)
    throw queryError('data_exception', `expected unused to be 0, not ${buffer.readInt16BE(2)}`)
  if (buffer.length !== 4 + count * 4) throw invalidBinary('incorrect binary data format')
  return Float32Array.from({ length: count }, (_, index) => {
    const value = buffer.readFloatBE(4 + index * 4)
    if (Number.isNaN(value)) throw queryError('data_exception', 'NaN not allowed in vector')
    if (!Number.isFinite(value)) throw queryError('data_exception', 'infinite value not allowed in vector')
    return value
  })
}

export const vector = defineType<Float32Array>({
  oid: 90_000,
  name: 'vector',
  category: 'U',
  parse: (text, modifier) => applyDimensions(parseVector(text), modifier),
  format: formatVector,
  encode: (writer, value) => {
    let at = writer.reserve(4 + value.length * 4)
    writer.view.setInt16(at, value.length)
    writer.view.setInt16(at + 2, 0)
    for (const element of value) writer.view.setFloat32((at += 4), element)
  },
  decode: (bytes, modifier) => applyDimensions(decodeVector(bytes), modifier),
  compare: compareVectors,
  // Text and not bytes, so that minus zero is zero.
  hashKey: (value) => value.join(),
  applyModifier: applyDimensions,
  makeModifier: ([dimensions, ...others]) => {
    if (dimensions === undefined || others.length > 0) {
      throw queryError('invalid_parameter_value', 'invalid type modifier')
    }
    if (dimensions < 1) {
      throw queryError('invalid_parameter_value', 'dimensions for type vector must be at least 1')
    }
    if (dimensions > DIMENSIONS_MAX) {
      throw queryError(
        'invalid_parameter_value',
        `dimensions for type vector cannot exceed ${DIMENSIONS_MAX}`,
      )
    }
    return dimensions
  },
  formatModifier: (modifier) => (modifier < 0 ? '' : `(${modifier})`),
})
