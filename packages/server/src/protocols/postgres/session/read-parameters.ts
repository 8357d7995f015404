import { decodeText, queryError, type DataType, type ScalarContext, type Value } from '@orbit-ts/engine/sql'
import { violation } from '../wire/violation.js'

/**
 * The values of Bind.
 * @param formats 0 text, 1 binary; one code stands for all, none for text.
 * @throws protocol_violation for wrong numbers of values or formats; what the types throw
 */
export function readParameters(
  types: readonly DataType[],
  formats: readonly number[],
  values: readonly (Buffer | undefined)[],
  scalar: ScalarContext,
  statement: string,
): Value[] {
  if (formats.length > 1 && formats.length !== values.length)
    throw violation(`bind message has ${formats.length} parameter formats but ${values.length} parameters`)
  if (values.length !== types.length) {
    throw violation(
      `bind message supplies ${values.length} parameters, but prepared statement "${statement}" requires ${types.length}`,
    )
  }
  return types.map((type, at) => {
    const bytes = values[at]
    if (bytes === undefined) return null
    const format = (formats.length === 1 ? formats[0] : formats[at]) ?? 0
    // The client's buffer is used again, so what keeps bytes gets a copy.
    if (format === 1) return type.scalar.decode(Uint8Array.from(bytes), type.modifier, scalar)
    if (format === 0) return type.scalar.parse(decodeText(bytes), type.modifier, scalar)
    throw queryError('invalid_parameter_value', `unsupported format code: ${format}`)
  })
}
