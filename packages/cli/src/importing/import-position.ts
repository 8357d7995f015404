/**
 * How far imports have got, kept in the database itself: a position is stored in the transaction of the records before
 * it, so neither can be there without the other.
 *
 * An import is known by what it has read, not by the name or the date of its file: a position counts for every input
 * that begins with the same bytes. So a file may be moved, and what comes after the position may be mended or added to.
 */
import { createHash } from 'node:crypto'
import type { FileFormat } from './file-format.js'
import { STANDARD_INPUT, type InputSource, type RecordedPrefix } from './input-source.js'

export interface ImportPosition extends RecordedPrefix {
  /** Names the position among those of its target. */
  readonly slot: string
  /** The absolute path, or `-`. */
  readonly source: string
  readonly format: FileFormat
  /** Of the next byte. */
  readonly line: number
  /** Records stored so far, by all imports that this one resumes. */
  readonly records: number
  readonly skipped: number
  /** The input was read to its end. */
  readonly done: boolean
  /** Of a CSV file. */
  readonly header: readonly string[] | null
  readonly delimiter: string
}

/** The slot of an import of the source that begins at its start. */
export function slotOf({ identity }: InputSource): string {
  return identity === STANDARD_INPUT
    ? identity
    : createHash('sha256').update(identity).digest('hex').slice(0, 32)
}

/** Positions that may be in the source: standard input can be compared only once, and files are compared with files. */
export function candidatesFor(
  { identity }: InputSource,
  positions: readonly ImportPosition[],
): ImportPosition[] {
  const isStream = identity === STANDARD_INPUT
  return positions.filter(({ source }) => (source === STANDARD_INPUT) === isStream)
}
