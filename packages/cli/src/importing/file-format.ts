import { didYouMean } from '@orbit-ts/base'
import { usageError } from '../terminal/report-error.js'

export const FILE_FORMATS = ['jsonl', 'csv'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]

/** The format that was asked for, or else the one that the name of the file says. */
export function fileFormat(asked: string | undefined, fileName: string): FileFormat {
  if (asked !== undefined) {
    const format = FILE_FORMATS.find((known) => known === asked.toLowerCase())
    if (format !== undefined) return format
    throw usageError(
      '--format',
      `"${asked}" is not one of ${FILE_FORMATS.join(', ')}${didYouMean(asked, FILE_FORMATS)}`,
    )
  }
  if (/\.(?:jsonl|ndjson|jsonlines)$/i.test(fileName)) return 'jsonl'
  if (/\.csv$/i.test(fileName)) return 'csv'
  throw usageError('--format', `say ${FILE_FORMATS.join(' or ')}; the name "${fileName}" does not tell`)
}
