import type { ScalarContext } from '../../scalar-context.js'
import { scalar } from '../define/scalar-function.js'
import { variadicAny, type VariadicImplementation } from '../define/variadic-any.js'
import type { ScalarFunction } from '../function.js'
import { columnSize } from './column-size.js'
import { hashFunctions } from './hash-functions.js'

function countNulls(countsNulls: boolean): () => VariadicImplementation {
  return () => (_, __, values) => {
    if (values === null) return null
    let count = 0
    for (const value of values) if ((value === null) === countsNulls) count++
    return count
  }
}

/** A random UUID, version 4. */
function randomUuid({ env }: ScalarContext): string {
  const bytes = Buffer.from(env.random.bytes(16))
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export const valueFunctions: readonly ScalarFunction[] = [
  ...hashFunctions,
  columnSize,
  variadicAny('438 num_nulls(variadic any) int4 nullable', countNulls(true)),
  variadicAny('440 num_nonnulls(variadic any) int4 nullable', countNulls(false)),
  scalar('3432 gen_random_uuid() uuid volatile', randomUuid),
]
