import { ByteWriter } from '@orbit-ts/storage'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { Row, Value } from '../../../scalar/value.js'
import { BINARY_SIGNATURE } from './binary-reader.js'
import type { CopyOptions } from './copy-options.js'
import type { CopyColumn } from './copy-reader.js'

/** Turns rows into the bytes of a COPY TO. */
export interface CopyWriter {
  start(): Buffer | undefined
  /** One for each row: clients take a message for a row. */
  rows(rows: readonly Row[]): Uint8Array[]
  end(): Buffer | undefined
}

export function copyWriter(
  columns: readonly CopyColumn[],
  options: CopyOptions,
  scalar: ScalarContext,
): CopyWriter {
  return options.format === 'binary' ? binaryWriter(columns, scalar) : lineWriter(columns, options, scalar)
}

function lineWriter(columns: readonly CopyColumn[], options: CopyOptions, scalar: ScalarContext): CopyWriter {
  const encode = options.format === 'csv' ? csvEncoder(columns, options) : textEncoder(options)
  const line = (cells: readonly string[]): string => `${cells.join(options.delimiter)}\n`
  const cell = (value: Value, at: number): string =>
    value === null ? options.null : encode(columns[at]?.type.scalar.format(value, scalar) ?? '', at)
  return {
    start: () => (options.header === 'none' ? undefined : Buffer.from(line(columns.map(({ name }) => name)))),
    rows: (rows) => rows.map((row) => Buffer.from(line(row.map(cell)))),
    end: () => undefined,
  }
}

const TEXT_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

function textEncoder({ delimiter }: CopyOptions): (text: string) => string {
  return (text) => {
    if (!/[\\\b\f\n\r\t\v]/.test(text) && !text.includes(delimiter)) return text
    let out = ''
    for (const character of text)
      out += TEXT_ESCAPES[character] ?? (character === delimiter ? `\\${character}` : character)
    return out
  }
}

function csvEncoder(
  columns: readonly CopyColumn[],
  { delimiter, quote, escape, forceQuote, null: nullText }: CopyOptions,
): (text: string, at: number) => string {
  const forced = columns.map(({ name }) => forceQuote === '*' || forceQuote.includes(name))
  const isOnly = columns.length === 1
  return (text, at) => {
    const needsQuotes =
      forced[at] === true ||
      text === nullText ||
      text.includes(delimiter) ||
      text.includes(quote) ||
      /[\r\n]/.test(text) ||
      // Alone on a line it would end the data.
      (isOnly && text === '\\.')
    if (!needsQuotes) return text
    let out = quote
    for (const character of text)
      out += character === quote || character === escape ? escape + character : character
    return out + quote
  }
}

function binaryWriter(columns: readonly CopyColumn[], scalar: ScalarContext): CopyWriter {
  return {
    start: () => Buffer.concat([BINARY_SIGNATURE, Buffer.alloc(8)]),
    rows: (rows) => {
      const writer = new ByteWriter(256)
      return rows.map((row) => {
        writer.reset()
        writeRow(writer, columns, row, scalar)
        return writer.toBytes()
      })
    },
    end: () => Buffer.from([0xff, 0xff]),
  }
}

function writeRow(writer: ByteWriter, columns: readonly CopyColumn[], row: Row, scalar: ScalarContext): void {
  const count = writer.reserve(2)
  writer.view.setInt16(count, columns.length)
  for (const [at, { type }] of columns.entries()) {
    const value = row[at] ?? null
    const length = writer.reserve(4)
    if (value === null) writer.view.setInt32(length, -1)
    else {
      type.scalar.encode(writer, value, scalar)
      writer.view.setInt32(length, writer.length - length - 4)
    }
  }
}
