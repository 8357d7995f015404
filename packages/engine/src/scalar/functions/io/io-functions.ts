/** `int4in`, `int4out`, `int4send` and their like: what reads and writes the values of each type, callable by name. */
import { ByteWriter } from '@orbit-ts/storage'
import type { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { ScalarType } from '../../data-type.js'
import type { ScalarContext } from '../../scalar-context.js'
import { systemTypes } from '../../types/system-types.js'
import type { Value } from '../../value.js'
import { namedType } from '../define/named-type.js'
import { bound } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { TYPE_IO, type TypeIo } from './type-io.js'

const KNOWN: ReadonlySet<string> = new Set(systemTypes.map(({ name }) => name))

/** Settings and names decide what some of them read and write; to know which of them is not worth a table. */
const VOLATILITY = 'stable'

function functionsOf(io: TypeIo): ScalarFunction[] {
  const { type, input, output, send, receive, inputParameters, modifierInput, modifierOutput } = io
  const parameters = ['cstring', 'oid', 'int4'].slice(0, inputParameters).join(',')
  const functions = [
    bound(`${input.oid} ${input.name}(${parameters}) ${type} ${VOLATILITY}`, (_, result) =>
      read(result.scalar),
    ),
    bound(`${output.oid} ${output.name}(${type}) cstring ${VOLATILITY}`, ([given]) => {
      const scalar = given?.scalar
      return (context: ScalarContext, value: NonNullable<Value>) => scalar?.format(value, context) ?? null
    }),
  ]
  if (send.oid !== 0) {
    functions.push(
      bound(`${send.oid} ${send.name}(${type}) bytea ${VOLATILITY}`, ([given]) => write(given?.scalar)),
    )
    const rest = ['internal', 'oid', 'int4'].slice(0, inputParameters).join(',')
    functions.push(bound(`${receive.oid} ${receive.name}(${rest}) ${type} ${VOLATILITY}`, () => refuse))
  }
  if (modifierInput.oid !== 0) {
    const scalar = namedType(type)
    functions.push(
      bound(
        `${modifierInput.oid} ${modifierInput.name}(_cstring) int4`,
        () =>
          (_, { elements }: SqlArray) =>
            scalar.makeModifier?.(elements.map(Number)) ?? -1,
      ),
      bound(
        `${modifierOutput.oid} ${modifierOutput.name}(int4) cstring`,
        () => (_, modifier: number) => scalar.formatModifier?.(modifier) ?? '',
      ),
    )
  }
  return functions
}

function read(
  type: ScalarType,
): (context: ScalarContext, text: string, oid: Value, modifier: Value) => Value {
  if (type.category === 'P' && type.name !== 'cstring') return refuse
  return (context, text, _oid, modifier) =>
    type.parse(text, typeof modifier === 'number' ? modifier : -1, context)
}

function write(type: ScalarType | undefined): (context: ScalarContext, value: NonNullable<Value>) => Value {
  return (context, value) => {
    const writer = new ByteWriter()
    type?.encode(writer, value, context)
    return writer.toBytes()
  }
}

const refuse = (): never => {
  throw queryError(
    'feature_not_supported',
    'a function that reads values for the server is not called by itself',
  )
}

export const ioFunctions: readonly ScalarFunction[] = [...TYPE_IO.values()]
  .filter(({ type }) => KNOWN.has(type) && type !== 'refcursor')
  .flatMap(functionsOf)
