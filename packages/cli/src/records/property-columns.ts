/** Columns of CSV files for the free part of a record: the properties of nodes and edges, the metadata of vectors. */
import { OrbitError } from '@orbit-ts/base'
import { booleanCell, jsonCell, numberCell, textCell, untypedCell, type CellCodec } from './cell-codec.js'
import type { RecordColumn } from './record-target.js'

/** Declared types by property; undefined where anything may be in it. */
export type PropertyTypesByName = Readonly<Record<string, string>> | undefined

/** Columns that one CSV file may have. */
const COLUMNS_MAX = 10_000

/**
 * The free part of a record, which stands under `part` and beside `fixed` columns. A header `properties.id` is the
 * property "id" where a bare `id` is the record's own.
 */
export class PropertyColumns {
  readonly #part: string
  readonly #fixed: ReadonlyMap<string, CellCodec>
  readonly #types: ReadonlyMap<string, string>
  /** Other names than the declared ones may come up. */
  readonly isOpen: boolean

  constructor(
    part: string,
    fixed: Readonly<Record<string, CellCodec>>,
    declared: readonly PropertyTypesByName[],
  ) {
    this.#part = part
    this.#fixed = new Map(Object.entries(fixed))
    this.isOpen = declared.some((types) => types === undefined)
    this.#types = agreedTypes(declared)
  }

  column(header: string): RecordColumn {
    const fixed = this.#fixed.get(header)
    if (fixed !== undefined) return { header, path: [header], codec: fixed }
    const prefix = `${this.#part}.`
    const name = header.startsWith(prefix) ? header.slice(prefix.length) : header
    return { header, path: [this.#part, name], codec: this.#codec(name) }
  }

  /** The fixed columns, then the declared properties, then those that only the records know. */
  columns(found: Iterable<string>): RecordColumn[] {
    const names = new Set([...this.#types.keys(), ...found])
    return [...this.#fixed.keys(), ...[...names].map((name) => this.#headerOf(name))].map((header) =>
      this.column(header),
    )
  }

  /** The names that records have in the free part. */
  async found(chunks: AsyncIterable<readonly object[]>): Promise<Set<string>> {
    const names = new Set<string>()
    for await (const chunk of chunks) {
      for (const record of chunk) collectNames(names, Reflect.get(record, this.#part))
    }
    return names
  }

  #codec(name: string): CellCodec {
    const type = this.#types.get(name)
    return type === undefined ? untypedCell : codecOf(type)
  }

  #headerOf(name: string): string {
    const isMistakable = this.#fixed.has(name) || name.startsWith(`${this.#part}.`)
    return isMistakable ? `${this.#part}.${name}` : name
  }
}

/** @throws LIMIT_EXCEEDED */
export function collectNames(names: Set<string>, record: unknown): void {
  if (typeof record !== 'object' || record === null) return
  for (const name of Object.keys(record)) names.add(name)
  if (names.size <= COLUMNS_MAX) return
  throw new OrbitError(
    'LIMIT_EXCEEDED',
    `the records have more than ${COLUMNS_MAX} different fields, which is more than a CSV file may have columns; export JSONL instead`,
    { columnsMax: COLUMNS_MAX },
  )
}

/** Types by name; the empty text where declarations differ. A label without declaration leaves the others' types. */
function agreedTypes(declared: readonly PropertyTypesByName[]): Map<string, string> {
  const agreed = new Map<string, string>()
  for (const types of declared) {
    for (const [name, type] of Object.entries(types ?? {})) {
      const base = type.replace(/\?$/, '')
      const before = agreed.get(name)
      agreed.set(name, before === undefined || before === base ? base : '')
    }
  }
  return agreed
}

function codecOf(type: string): CellCodec {
  switch (type) {
    case 'string':
      return textCell
    case 'number':
    case 'integer':
      return numberCell
    case 'boolean':
      return booleanCell
    case '':
      return untypedCell
    default:
      return jsonCell
  }
}
