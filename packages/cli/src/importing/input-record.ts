import type { OrbitError } from '@orbit-ts/base'

/** One record of an input, or what is wrong with it. */
export type InputRecord = GoodRecord | BadRecord

export interface GoodRecord extends RecordPlace {
  /** What the target stores. */
  readonly record: unknown
}

export interface BadRecord extends RecordPlace {
  readonly problem: OrbitError
  /** What comes after it cannot be told apart from it. */
  readonly isFatal?: true
}

interface RecordPlace {
  /** Of its first character, from 1. */
  readonly line: number
  /** Within the line, from 1, where it is known. */
  readonly character?: number
  /** The offset of the byte behind it. */
  readonly end: number
}

export function isBad(record: InputRecord): record is BadRecord {
  return 'problem' in record
}
