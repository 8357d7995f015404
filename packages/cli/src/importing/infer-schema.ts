/** Definitions guessed from the first records of an input. */
import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { ObjectSchema } from '@orbit-ts/engine'
import type { TargetKind } from '../records/record-target.js'
import { usageError } from '../terminal/report-error.js'
import { inferColumnType } from './infer-column-type.js'
import type { InputSample } from './read-sample.js'

export interface InferenceOptions {
  /** Columns of the primary key of a table. */
  readonly primaryKey: readonly string[]
  /** Columns of a CSV file that are tags of a time series. Default: those with text in them. */
  readonly tags: readonly string[] | undefined
}

/** @throws IMPORT_FAILED when the sample does not tell */
export function inferSchema(
  kind: TargetKind,
  name: string,
  sample: InputSample,
  options: InferenceOptions,
): ObjectSchema {
  switch (kind) {
    case 'table':
      return { kind: 'table', name, input: tableInput(sample, options) }
    case 'collection':
      return { kind: 'collection', name, input: {} }
    case 'nodes':
    case 'edges':
      return { kind: 'graph', name, input: { open: true } }
    case 'vectors':
      return { kind: 'vectors', name, input: vectorsInput(sample) }
    case 'series':
      return { kind: 'series', name, input: seriesInput(sample, options) }
  }
}

function tableInput(sample: InputSample, { primaryKey }: InferenceOptions): object {
  const { names } = sample
  const missing = primaryKey.find((column) => !names.includes(column))
  if (missing !== undefined) {
    throw usageError(
      '--primary-key',
      `the file has no column "${missing}"${didYouMean(missing, names) || `; it has ${names.join(', ')}`}`,
    )
  }
  if (names.length === 0) throw nothingToInfer('columns')
  const columns = Object.fromEntries(
    names.map((column) => [column, { type: inferColumnType(valuesOf(sample, column), sample.isText) }]),
  )
  return primaryKey.length === 0 ? { columns } : { columns, primaryKey }
}

function vectorsInput(sample: InputSample): object {
  const [first] = valuesOf(sample, 'vector')
  const vector = typeof first === 'string' ? tryJson(first) : first
  if (Array.isArray(vector) && vector.length > 0) return { dimension: vector.length }
  throw nothingToInfer('a "vector" with numbers in it')
}

function seriesInput(sample: InputSample, options: InferenceOptions): object {
  return sample.isText ? seriesOfColumns(sample, options.tags) : seriesOfPoints(sample)
}

function seriesOfColumns(sample: InputSample, given: readonly string[] | undefined): object {
  const tags: string[] = []
  const fields: Record<string, string> = {}
  for (const header of sample.names) {
    if (header === 'timestamp') continue
    const [, part, rest = header] = /^(tags|fields)\.(.+)$/s.exec(header) ?? []
    const type = fieldTypeOf(inferColumnType(valuesOf(sample, header), true))
    const isTag = part === undefined ? (given?.includes(rest) ?? type === 'text') : part === 'tags'
    if (isTag) tags.push(rest)
    else fields[rest] = type
  }
  if (Object.keys(fields).length === 0)
    throw nothingToInfer('a column of numbers; name the columns of text with --tags')
  return { tags, fields }
}

function seriesOfPoints(sample: InputSample): object {
  const tags = new Set(valuesOf(sample, 'tags').flatMap(keysOf))
  const parts = valuesOf(sample, 'fields')
  const names = new Set(parts.flatMap(keysOf))
  if (names.size === 0) throw nothingToInfer('"fields" with values in them')
  const fields = [...names].map((name) => {
    const values = parts.map((part): unknown => Reflect.get(Object(part) as object, name))
    return [name, fieldTypeOf(inferColumnType(values, false))]
  })
  return { tags: [...tags], fields: Object.fromEntries(fields) as object }
}

function fieldTypeOf(columnType: string): string {
  switch (columnType) {
    case 'int8':
    case 'float8':
      return 'float'
    case 'bool':
      return 'bool'
    case 'jsonb':
      return 'json'
    default:
      return 'text'
  }
}

/** What the records have under the name, without nulls. */
function valuesOf({ records }: InputSample, name: string): unknown[] {
  return records.map((record) => record[name]).filter((value) => value !== undefined && value !== null)
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function nothingToInfer(what: string): OrbitError {
  return new OrbitError(
    'IMPORT_FAILED',
    `no definition can be made from the beginning of the file, where ${what} would be expected`,
  )
}
