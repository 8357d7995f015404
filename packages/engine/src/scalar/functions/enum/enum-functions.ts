import { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { DataType } from '../../data-type.js'
import { bound } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

/** The labels of a call's enum, which its first argument tells even when it is null. */
function labelsOf(types: readonly DataType[]): readonly string[] {
  const labels = types[0]?.scalar.labels
  if (labels === undefined) {
    throw queryError('feature_not_supported', 'could not determine actual enum type')
  }
  return labels
}

export const enumFunctions: readonly ScalarFunction[] = [
  bound('3528 enum_first(anyenum) anyenum nullable stable', (types) => {
    const first = labelsOf(types)[0] ?? null
    return () => first
  }),
  bound('3529 enum_last(anyenum) anyenum nullable stable', (types) => {
    const last = labelsOf(types).at(-1) ?? null
    return () => last
  }),
  bound('3531 enum_range(anyenum) anyarray nullable stable', (types) => {
    const all = new SqlArray(labelsOf(types))
    return () => all
  }),
  bound('3530 enum_range(anyenum,anyenum) anyarray nullable stable', (types) => {
    const labels = labelsOf(types)
    return (_, from: string | null, to: string | null) => {
      const first = from === null ? 0 : labels.indexOf(from)
      const last = to === null ? labels.length - 1 : labels.indexOf(to)
      return new SqlArray(labels.slice(first, last + 1))
    }
  }),
]
