export interface TextColumn {
  readonly title: string
  /** Default `left`. */
  readonly align?: 'left' | 'right'
}

/** Rows under titles, in columns two spaces apart. Cells are taken as they are, but for control characters. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(printable))
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => widthOf(row[at] ?? ''))))
  return cells
    .map((row) =>
      columns
        .map(({ align }, at) => padded(row[at] ?? '', widths[at] ?? 0, align ?? 'left'))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The text with control characters as escapes, so that stored data cannot steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => JSON.stringify(character).slice(1, -1))
}

function padded(text: string, width: number, align: 'left' | 'right'): string {
  const filler = ' '.repeat(width - widthOf(text))
  return align === 'left' ? text + filler : filler + text
}

/** Characters; that some are two cells wide on a terminal is let be. */
const widthOf = (text: string): number => Array.from(text).length
