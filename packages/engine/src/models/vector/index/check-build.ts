import { didYouMean } from '@orbit-ts/base'
import { describe, isPlainObject } from '../../../filter/filter-tree.js'
import { PARTITIONS_MAX } from '../define-vectors.js'
import type { OpenVectors } from '../open-vectors.js'
import { checkCount } from '../search/check-search.js'

const SAMPLE_MAX = 65_536
const KEYS = ['partitions', 'sampleMax', 'moveMax']

export interface CheckedBuild {
  /** Undefined: what the index declares. */
  readonly partitions: number | 'auto' | undefined
  readonly sampleMax: number
  /** Undefined: as many as one transaction does well. */
  readonly moveMax: number | undefined
}

/** @throws INVALID_ARGUMENT naming the option, its value and what is accepted. */
export function checkBuild(collection: OpenVectors, given: unknown): CheckedBuild {
  if (!isPlainObject(given)) {
    throw collection.error('INVALID_ARGUMENT', `options are ${describe(given)}; they must be an object`)
  }
  for (const key of Object.keys(given)) {
    if (KEYS.includes(key)) continue
    const hint = didYouMean(key, KEYS) || `; known are ${KEYS.join(', ')}`
    throw collection.error('INVALID_ARGUMENT', `"${key}" is no option of buildIndex${hint}`, { field: key })
  }
  const { partitions, sampleMax = SAMPLE_MAX, moveMax } = given
  const count = (field: string, value: unknown, max: number): number =>
    checkCount(collection, field, value, max)
  return {
    partitions:
      partitions === undefined || partitions === 'auto'
        ? partitions
        : count('partitions', partitions, PARTITIONS_MAX),
    sampleMax: count('sampleMax', sampleMax, Number.MAX_SAFE_INTEGER),
    moveMax: moveMax === undefined ? undefined : count('moveMax', moveMax, Number.MAX_SAFE_INTEGER),
  }
}
