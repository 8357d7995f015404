import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { CatalogObject, DatabaseTransaction, PointInput, SeriesDefinition } from '@orbit-ts/engine'
import {
  booleanCell,
  int64Cell,
  jsonCell,
  momentCell,
  numberCell,
  textCell,
  type CellCodec,
} from './cell-codec.js'
import { parseMoment } from './moment.js'
import type { JsonRecord, RecordColumn, RecordQuery, RecordTarget } from './record-target.js'

/**
 * Points of a time series: `{ "timestamp": 1714557600000, "tags": { "symbol": "AAPL" }, "fields": { "price": 1.5 } }`.
 * The timestamp may also be text in ISO 8601, and 64-bit integers may be text.
 */
export class PointRecords implements RecordTarget {
  readonly kind = 'series'
  readonly what: string
  readonly objectId: number
  readonly emptyIsNull = false
  readonly #name: string
  readonly #tags: readonly string[]
  readonly #fields: ReadonlyMap<string, string>
  readonly #int64: readonly string[]

  constructor({ name, id, definition }: CatalogObject<SeriesDefinition>) {
    this.#name = name
    this.what = `time series "${name}"`
    this.objectId = id
    this.#tags = definition.tags
    this.#fields = new Map(definition.fields.map((field) => [field.name, field.type]))
    this.#int64 = definition.fields.filter(({ type }) => type === 'int64').map((field) => field.name)
  }

  column(header: string): RecordColumn {
    if (header === 'timestamp') return { header, path: ['timestamp'], codec: momentCell }
    const path = this.#pathOf(header)
    const [part, name] = path
    return { header, path, codec: part === 'tags' ? textCell : codecOf(this.#fields.get(name) ?? 'json') }
  }

  fromJson(record: JsonRecord, exact: JsonRecord | undefined): unknown {
    const { timestamp, fields } = record
    return {
      ...record,
      ...(timestamp === undefined || timestamp === null ? {} : { timestamp: parseMoment(timestamp) }),
      ...(this.#int64.length === 0 ? {} : { fields: this.#withBigints(fields, exact?.['fields']) }),
    }
  }

  operation(records: readonly unknown[]): { readonly op: string; readonly args: object } {
    return { op: 'append', args: { points: records } }
  }

  store(tx: DatabaseTransaction, records: readonly unknown[]): Promise<unknown> {
    return tx.series(this.#name).appendMany(records as readonly PointInput[])
  }

  async *scan(tx: DatabaseTransaction, { where }: RecordQuery): AsyncIterable<readonly object[]> {
    const points = tx.series(this.#name).scan(where === undefined ? {} : { where })
    // Points of one moment come in the order of their sequence and are appended in it again.
    for await (const chunk of points) {
      yield chunk.map(({ timestamp, tags, fields }) => ({ timestamp, tags, fields }))
    }
  }

  async columns(): Promise<RecordColumn[]> {
    const tags = this.#tags.map((tag) => this.#headerOf('tags', tag))
    const fields = [...this.#fields.keys()].map((field) => this.#headerOf('fields', field))
    return ['timestamp', ...tags, ...fields].map((header) => this.column(header))
  }

  #pathOf(header: string): readonly [part: 'tags' | 'fields', name: string] {
    const [, part, rest = ''] = /^(tags|fields)\.(.+)$/s.exec(header) ?? []
    if (part === 'tags' && this.#tags.includes(rest)) return ['tags', rest]
    if (part === 'fields' && this.#fields.has(rest)) return ['fields', rest]
    if (this.#tags.includes(header)) return ['tags', header]
    if (this.#fields.has(header)) return ['fields', header]
    const names = ['timestamp', ...this.#tags, ...this.#fields.keys()]
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${this.what} has no tag and no field ${JSON.stringify(header)}${didYouMean(header, names) || `; there are ${names.join(', ')}`}`,
      { column: header },
    )
  }

  #headerOf(part: 'tags' | 'fields', name: string): string {
    return name === 'timestamp' || /^(?:tags|fields)\./.test(name) ? `${part}.${name}` : name
  }

  #withBigints(fields: unknown, exact: unknown): unknown {
    if (typeof fields !== 'object' || fields === null) return fields
    const converted = this.#int64.flatMap((name) => {
      const value: unknown = Reflect.get(typeof exact === 'object' && exact !== null ? exact : fields, name)
      return isWhole(value) ? [[name, BigInt(value)]] : []
    })
    return { ...fields, ...(Object.fromEntries(converted) as object) }
  }
}

function isWhole(value: unknown): value is number | string {
  return Number.isSafeInteger(value) || (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value))
}

function codecOf(type: string): CellCodec {
  switch (type) {
    case 'float':
    case 'int':
      return numberCell
    case 'int64':
      return int64Cell
    case 'bool':
      return booleanCell
    case 'text':
      return textCell
    default:
      return jsonCell
  }
}
