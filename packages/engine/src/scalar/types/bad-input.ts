import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../condition.js'

/** The text is no value of the type. */
export function invalidText(typeName: string, text: string): OrbitError {
  return queryError('invalid_text_representation', `invalid input syntax for type ${typeName}: "${text}"`)
}

export function outOfRange(typeName: string): OrbitError {
  return queryError('numeric_value_out_of_range', `${typeName} out of range`)
}

/** Bytes that are no value of the type. */
export function invalidBinary(reason: string): OrbitError {
  return queryError('invalid_binary_representation', reason)
}

/** @throws invalid_binary_representation unless there are just `size` bytes. */
export function requireSize(bytes: Uint8Array, size: number): void {
  if (bytes.length < size) throw queryError('protocol_violation', 'insufficient data left in message')
  if (bytes.length > size) throw invalidBinary('incorrect binary data format')
}
