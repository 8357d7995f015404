import { parseSignature } from '../functions/define/signature.js'
import type { AggregateFunction } from '../functions/function.js'

export type AggregateOptions = Pick<AggregateFunction, 'bind' | 'orderedSet' | 'resultOf'> &
  Partial<Pick<AggregateFunction, 'isInvertible' | 'empty'>>

/**
 * An aggregate. As a strict one, which it is unless its signature says `nullable`, it gets no rows with null arguments.
 * Over no rows it is null unless `empty` says otherwise.
 */
export function aggregate(signature: string, options: AggregateOptions): AggregateFunction {
  const { oid, name, parameters, isVariadic, result, isStrict } = parseSignature(signature)
  return {
    kind: 'aggregate',
    oid,
    name,
    parameters,
    isVariadic,
    result,
    isStrict,
    isInvertible: false,
    empty: null,
    ...options,
  }
}
