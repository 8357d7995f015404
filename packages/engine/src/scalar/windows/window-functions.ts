import { queryError } from '../condition.js'
import { parseSignature } from '../functions/define/signature.js'
import type { WindowFunction, WindowPartition } from '../functions/function.js'
import type { Value } from '../value.js'

function windowFunction(signature: string, evaluate: (partition: WindowPartition) => Value): WindowFunction {
  const { oid, name, parameters, result } = parseSignature(signature)
  return {
    kind: 'window',
    oid,
    name,
    parameters,
    result,
    bind: () => (_, partition) => evaluate(partition),
  }
}

/** The argument at the row that is `distance` rows on; `otherwise` where the partition ends before. */
function offsetValue(
  partition: WindowPartition,
  sign: 1 | -1,
  hasOffset: boolean,
  hasDefault: boolean,
): Value {
  const distance = hasOffset ? partition.argument(1, partition.position) : 1
  if (distance === null) return null
  const position = partition.position + sign * Number(distance)
  if (position >= 0 && position < partition.size) return partition.argument(0, position)
  return hasDefault ? partition.argument(2, partition.position) : null
}

/** The position of the n-th row of the frame (from 1, from the end when negative) that is not excluded, or -1. */
function framePosition(partition: WindowPartition, n: number): number {
  const { first, last } = partition.frame
  if (!hasExclusion(partition)) {
    const position = n > 0 ? first + n - 1 : last + n + 1
    return position >= first && position <= last ? position : -1
  }
  const step = n > 0 ? 1 : -1
  let left = Math.abs(n)
  for (let position = n > 0 ? first : last; position >= first && position <= last; position += step) {
    if (!partition.isExcluded(position) && --left === 0) return position
  }
  return -1
}

/** Whether rows may be excluded: the row itself, or its peers, which are excluded together. */
function hasExclusion(partition: WindowPartition): boolean {
  const { position, peers } = partition
  return (
    partition.isExcluded(position) ||
    partition.isExcluded(peers.first === position ? peers.last : peers.first)
  )
}

function frameValue(partition: WindowPartition, n: number): Value {
  const position = framePosition(partition, n)
  return position < 0 ? null : partition.argument(0, position)
}

function nthValue(partition: WindowPartition): Value {
  const n = partition.argument(1, partition.position)
  if (n === null) return null
  if (Number(n) <= 0) {
    throw queryError(
      'invalid_argument_for_nth_value_function',
      'argument of nth_value must be greater than zero',
    )
  }
  return frameValue(partition, Number(n))
}

/**
 * Buckets as equal as can be, the first ones one row larger. Their number is that of the partition's first row where it
 * is not null.
 */
function ntile(partition: WindowPartition): Value {
  const { size } = partition
  let first = 0
  while (first < partition.position && partition.argument(0, first) === null) first++
  const buckets = partition.argument(0, first) as number | null
  if (buckets === null) return null
  if (buckets <= 0) {
    throw queryError('invalid_argument_for_ntile_function', 'argument of ntile must be greater than zero')
  }
  // Counted from the row that told the number.
  const position = partition.position - first
  const small = Math.floor(size / buckets)
  const larger = size % buckets
  const inLarger = larger * (small + 1)
  return position < inLarger
    ? Math.floor(position / (small + 1)) + 1
    : larger + Math.floor((position - inLarger) / small) + 1
}

export const windowFunctions: readonly WindowFunction[] = [
  windowFunction('3100 row_number() int8', ({ position }) => position + 1),
  windowFunction('3101 rank() int8', ({ peers }) => peers.first + 1),
  windowFunction('3102 dense_rank() int8', ({ peerGroup }) => peerGroup),
  windowFunction('3103 percent_rank() float8', ({ peers, size }) =>
    size <= 1 ? 0 : peers.first / (size - 1),
  ),
  windowFunction('3104 cume_dist() float8', ({ peers, size }) => (peers.last + 1) / size),
  windowFunction('3105 ntile(int4) int4', ntile),
  windowFunction('3106 lag(anyelement) anyelement', (partition) => offsetValue(partition, -1, false, false)),
  windowFunction('3107 lag(anyelement,int4) anyelement', (partition) =>
    offsetValue(partition, -1, true, false),
  ),
  windowFunction('3108 lag(anycompatible,int4,anycompatible) anycompatible', (partition) =>
    offsetValue(partition, -1, true, true),
  ),
  windowFunction('3109 lead(anyelement) anyelement', (partition) => offsetValue(partition, 1, false, false)),
  windowFunction('3110 lead(anyelement,int4) anyelement', (partition) =>
    offsetValue(partition, 1, true, false),
  ),
  windowFunction('3111 lead(anycompatible,int4,anycompatible) anycompatible', (partition) =>
    offsetValue(partition, 1, true, true),
  ),
  windowFunction('3112 first_value(anyelement) anyelement', (partition) => frameValue(partition, 1)),
  windowFunction('3113 last_value(anyelement) anyelement', (partition) => frameValue(partition, -1)),
  windowFunction('3114 nth_value(anyelement,int4) anyelement', nthValue),
]
