import type { ScalarContext } from '../../scalar-context.js'
import type { Value } from '../../value.js'
import type { AsyncFunction, FunctionServices } from '../function.js'
import type { ScalarOptions } from './scalar-function.js'
import { parseSignature } from './signature.js'

/** A function that waits for what the session lets it do. */
export function asynchronous(
  signature: string,
  call: (services: FunctionServices, context: ScalarContext, ...args: never[]) => Promise<Value> | Value,
  options: Pick<ScalarOptions, 'defaults'> = {},
): AsyncFunction {
  return {
    kind: 'async',
    ...parseSignature(signature),
    ...options,
    call: async (services, context, args) => call(services, context, ...(args as never[])),
  }
}
