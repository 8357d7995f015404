import { queryError } from '../../../scalar/condition.js'

export type CopyFormat = 'text' | 'csv' | 'binary'

/** How the data of a COPY is written. */
export interface CopyOptions {
  readonly format: CopyFormat
  /** One byte. Default: a tab, for CSV a comma. */
  readonly delimiter: string
  /** What stands for null. Default `\N`, for CSV an unquoted empty field. */
  readonly null: string
  readonly header: 'none' | 'skip' | 'match'
  /** CSV only. Default `"`. */
  readonly quote: string
  /** CSV only. Default: as `quote`. */
  readonly escape: string
  /** CSV output: columns that are always quoted; `*` for all. */
  readonly forceQuote: readonly string[] | '*'
  /** CSV input: columns in which nothing is null but what is not there. */
  readonly forceNotNull: readonly string[]
  /** CSV input: columns in which a quoted field that equals `null` is null too. */
  readonly forceNull: readonly string[]
}

/** What stands in the statement: names in lower case, values as written. */
export type CopyOptionInput = ReadonlyMap<string, CopyOptionValue>

/** `all`: a star. `true`: the name alone. */
export type CopyOptionValue = string | readonly string[] | { readonly all: true } | true

const KNOWN = [
  'format',
  'freeze',
  'delimiter',
  'null',
  'header',
  'quote',
  'escape',
  'force_quote',
  'force_not_null',
  'force_null',
  'encoding',
]

/** @throws syntax_error, invalid_parameter_value, feature_not_supported as PostgreSQL words them */
export function copyOptions(input: CopyOptionInput): CopyOptions {
  for (const name of input.keys()) {
    if (!KNOWN.includes(name)) throw queryError('syntax_error', `option "${name}" not recognized`)
  }
  const format = formatOf(input.get('format'))
  const isCsv = format === 'csv'
  const quote = single(input, 'quote', '"', isCsv, 'COPY quote available only in CSV mode')
  const options: CopyOptions = {
    format,
    delimiter: text(input, 'delimiter', isCsv ? ',' : '\t'),
    null: text(input, 'null', isCsv ? '' : '\\N'),
    header: headerOf(input.get('header')),
    quote,
    escape: single(input, 'escape', quote, isCsv, 'COPY escape available only in CSV mode'),
    forceQuote: columns(input, 'force_quote', isCsv, 'COPY force quote available only in CSV mode', true),
    forceNotNull: named(
      columns(input, 'force_not_null', isCsv, 'COPY force not null available only in CSV mode'),
    ),
    forceNull: named(columns(input, 'force_null', isCsv, 'COPY force null available only in CSV mode')),
  }
  check(options, input)
  return options
}

function formatOf(value: CopyOptionValue | undefined): CopyFormat {
  const format = value === undefined ? 'text' : value
  if (format === 'text' || format === 'csv' || format === 'binary') return format
  throw queryError(
    'invalid_parameter_value',
    `COPY format "${typeof format === 'string' ? format : ''}" not recognized`,
  )
}

function headerOf(value: CopyOptionValue | undefined): CopyOptions['header'] {
  if (value === undefined) return 'none'
  const given = value === true ? 'true' : typeof value === 'string' ? value.toLowerCase() : ''
  if (given === 'match') return 'match'
  if (['true', 'on', '1'].includes(given)) return 'skip'
  if (['false', 'off', '0'].includes(given)) return 'none'
  throw queryError('syntax_error', 'header requires a Boolean value or "match"')
}

function text(input: CopyOptionInput, name: string, fallback: string): string {
  const value = input.get(name)
  return typeof value === 'string' ? value : fallback
}

function single(
  input: CopyOptionInput,
  name: string,
  fallback: string,
  isCsv: boolean,
  message: string,
): string {
  const value = input.get(name)
  if (value === undefined) return fallback
  if (!isCsv) throw queryError('feature_not_supported', message)
  if (typeof value === 'string' && Buffer.byteLength(value) === 1) return value
  throw queryError('feature_not_supported', `COPY ${name} must be a single one-byte character`)
}

function columns(
  input: CopyOptionInput,
  name: string,
  isCsv: boolean,
  message: string,
  takesAll = false,
): readonly string[] | '*' {
  const value = input.get(name)
  if (value === undefined) return []
  if (!isCsv) throw queryError('feature_not_supported', message)
  if (typeof value === 'object' && 'all' in value && takesAll) return '*'
  if (typeof value === 'object' && !('all' in value)) return value
  throw queryError('invalid_parameter_value', `argument to option "${name}" must be a list of column names`)
}

function named(value: readonly string[] | '*'): readonly string[] {
  return value === '*' ? [] : value
}

function check(options: CopyOptions, input: CopyOptionInput): void {
  const { format, delimiter, quote } = options
  const encoding = input.get('encoding')
  if (typeof encoding === 'string' && !/^(utf-?8|unicode)$/i.test(encoding))
    throw queryError('invalid_parameter_value', `argument to option "encoding" must be a valid encoding name`)
  if (format === 'binary') {
    if (input.has('delimiter')) throw queryError('syntax_error', 'cannot specify DELIMITER in BINARY mode')
    if (input.has('null')) throw queryError('syntax_error', 'cannot specify NULL in BINARY mode')
    if (options.header !== 'none')
      throw queryError('feature_not_supported', 'cannot specify HEADER in BINARY mode')
    return
  }
  if (Buffer.byteLength(delimiter) !== 1)
    throw queryError('feature_not_supported', 'COPY delimiter must be a single one-byte character')
  if (delimiter === '\r' || delimiter === '\n')
    throw queryError('invalid_parameter_value', 'COPY delimiter cannot be newline or carriage return')
  if (/[\r\n]/.test(options.null))
    throw queryError(
      'invalid_parameter_value',
      'COPY null representation cannot use newline or carriage return',
    )
  if (format === 'text' && /[\\.a-z0-9]/.test(delimiter))
    throw queryError('invalid_parameter_value', `COPY delimiter cannot be "${delimiter}"`)
  if (format === 'csv' && delimiter === quote)
    throw queryError('invalid_parameter_value', 'COPY delimiter and quote must be different')
  if (options.null.includes(delimiter))
    throw queryError('invalid_parameter_value', 'COPY delimiter must not appear in the NULL specification')
  if (format === 'csv' && options.null.includes(quote))
    throw queryError(
      'invalid_parameter_value',
      'CSV quote character must not appear in the NULL specification',
    )
}
