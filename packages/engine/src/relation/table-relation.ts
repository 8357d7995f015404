/**
 * A table as queries read and change it: one version of its definition.
 */
import { assert, compareBytes, defined } from '@orbit-ts/base'
import {
  relationalKeys,
  type Entry,
  type KeyRange,
  type ScanOptions,
  type Transaction,
} from '@orbit-ts/storage'
import { TableLayout } from '../models/relational/layout/table-layout.js'
import type { TableObject } from '../models/relational/layout/tables.js'
import { losesInKeys } from '../models/relational/types/format-value.js'
import type { Expression } from '../plan/expression.js'
import { decodeValues } from '../record/decode-values.js'
import type { RelationStatistics } from '../plan/statistics/relation-statistics.js'
import type { Row } from '../scalar/value.js'
import type { SequenceFacts } from './sequence-numbers.js'
import type { TypeLookup } from './column-data-type.js'
import { entryDecoder } from './entry-decoder.js'
import { EntryAccess, RowKeyAccess, type IndexAccess } from './index-access.js'
import { chunkSizeFor, readRanges } from './read-ranges.js'
import type {
  AccessPath,
  Relation,
  RelationColumn,
  RelationContext,
  RelationIndex,
  RelationWriter,
  ScanRequest,
} from './relation.js'
import { rowDecoder, type DecodeRow, type RowDecoder } from './row-decoder.js'
import { requireAsPlanned } from './stale-relation.js'
import { keyOfRow } from './table-row-id.js'
import { TableWriter } from './table-writer.js'
import { TableRows } from './table-rows.js'
import { tableTypes, type TableTypes } from './table-types.js'

/** Rows in a batch, at most. */
export const BATCH_SIZE = 1024

/** What a table is called in SQL, and what is known of it beside its definition. */
export interface TableFacts {
  readonly object: TableObject
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly types: TypeLookup
  readonly statistics: RelationStatistics | undefined
  /** Makes the expressions of its indexes: of keys by index id and position, and conditions by index id. */
  readonly expressions: IndexExpressions
  /** A sequence that defaults of its columns take numbers of, by the id of its object. */
  readonly sequenceOf: (id: number) => SequenceFacts | undefined
  /** What the tables are called that foreign keys lead to and from. */
  readonly nameOf: (objectName: string) => { readonly schema: string; readonly name: string }
}

/** Expressions over columns whose ids are ordinals. */
export interface IndexExpressions {
  key(indexId: number, position: number): Expression | undefined
  predicate(indexId: number): Expression | undefined
}

export class TableRelation implements Relation {
  readonly kind = 'table'
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly columns: readonly RelationColumn[]
  readonly statistics: RelationStatistics | undefined
  readonly stored = new TableRows(this)
  readonly writer: RelationWriter
  readonly facts: TableFacts
  readonly layout: TableLayout
  readonly types: TableTypes
  readonly #accesses = new Map<string, IndexAccess>()
  readonly #decoders = new Map<string, RowDecoder>()
  #indexes: readonly RelationIndex[] | undefined

  constructor(facts: TableFacts) {
    const { object, oid, schema, name, statistics } = facts
    this.facts = facts
    this.oid = oid
    this.schema = schema
    this.name = name
    this.statistics = statistics
    this.layout = TableLayout.of(object)
    this.types = tableTypes(this.layout, facts.types)
    this.columns = this.layout.columns.map((column, i): RelationColumn => {
      const generated = generationOf(column)
      return {
        name: column.name,
        type: defined(this.types.types[i], 'the type of the column'),
        isNotNull: column.notNull,
        hasDefault:
          column.default !== undefined || column.sqlDefault !== undefined || column.identity !== undefined,
        ...(generated === undefined ? {} : { generated }),
      }
    })
    this.writer = new TableWriter(this)
  }

  get indexes(): readonly RelationIndex[] {
    this.#indexes ??= relationIndexes(this)
    return this.#indexes
  }

  async *scan(context: RelationContext, request: ScanRequest): AsyncGenerator<Row[]> {
    const { limit } = request
    if (limit !== undefined && limit <= 0) return
    let left = limit ?? Infinity
    const checking = this.#requireAsPlanned(context)
    if (checking !== undefined) await checking
    for await (const rows of this.#read(context, request)) {
      context.signal.throwIfAborted()
      if (rows.length < left) {
        left -= rows.length
        yield rows
        continue
      }
      yield rows.length === left ? rows : rows.slice(0, left)
      return
    }
  }

  async readPoints(context: RelationContext, request: ScanRequest): Promise<Row[]> {
    assert(request.access.kind === 'points', 'the request is for points')
    const checking = this.#requireAsPlanned(context)
    if (checking !== undefined) await checking
    const { storage } = context.models
    const { index } = request.access
    const access = this.access(index)
    const points: Uint8Array[] = []
    for (const key of orderedKeys(request.access, request.isReverse)) {
      const point = access.pointOf(key)
      if (point !== undefined) points.push(point)
    }
    const rowKeys = access instanceof EntryAccess ? await rowKeysOf(storage, access, points) : points
    return getRows(storage, rowKeys, this.decoder(request.columns).decode)
  }

  /** @throws INTERNAL when there is no such index. */
  access(index: string): IndexAccess {
    let access = this.#accesses.get(index)
    if (access === undefined) {
      access = this.#makeAccess(index)
      this.#accesses.set(index, access)
    }
    return access
  }

  decoder(ordinals: readonly number[]): RowDecoder {
    const id = ordinals.join()
    let decoder = this.#decoders.get(id)
    if (decoder === undefined) {
      decoder = rowDecoder(this.layout, this.types, ordinals)
      this.#decoders.set(id, decoder)
    }
    return decoder
  }

  #makeAccess(name: string): IndexAccess {
    if (this.layout.primaryKey !== undefined && name === this.layout.primaryKeyName)
      return new RowKeyAccess(this.layout, this.types)
    const index = this.layout.indexes.find((candidate) => candidate.name === name)
    return new EntryAccess(this.layout, defined(index, `index "${name}"`), this.types)
  }

  /** To be called where reading begins, or goes on elsewhere: the statement may have waited for a lock before. */
  #requireAsPlanned(context: RelationContext): Promise<void> | undefined {
    return requireAsPlanned(context, this, this.facts.object)
  }

  #read(context: RelationContext, request: ScanRequest): AsyncIterable<Row[]> {
    const { access, columns } = request
    const { signal } = context
    const decoder = this.decoder(columns)
    const options = { signal, reverse: request.isReverse === true, limit: request.limit }
    switch (access.kind) {
      case 'all':
        return this.#readRows(context, [relationalKeys.rows(this.layout.id)], decoder, options)
      case 'rows':
        return this.#readKeys(context, access.ids.map(keyOfRow), decoder.decode)
      case 'points':
        return this.#readPoints(context, access.index, orderedKeys(access, request.isReverse), decoder.decode)
      case 'ranges':
        return this.#readRanges(context, access, request, options)
    }
  }

  #readRows(
    context: RelationContext,
    ranges: readonly KeyRange[],
    decoder: RowDecoder,
    options: ReadOptions,
  ): AsyncIterable<Row[]> {
    const [only] = ranges
    // One range is read to its end as it was when it was begun.
    return only !== undefined && ranges.length === 1
      ? readRange(context.models.storage, only, decoder, options)
      : this.#readManyRanges(context, ranges, decoder, options)
  }

  async *#readManyRanges(
    context: RelationContext,
    ranges: readonly KeyRange[],
    { reads, decode }: RowDecoder,
    options: ReadOptions,
  ): AsyncGenerator<Row[]> {
    const keysOnly = reads === 'key'
    for await (const entries of readRanges(context.models.storage, ranges, { ...options, keysOnly })) {
      yield entries.map(({ key, value }) => decode(key, value))
      await this.#requireAsPlanned(context)
    }
  }

  async *#readKeys(
    context: RelationContext,
    keys: readonly Uint8Array[],
    decode: DecodeRow,
  ): AsyncGenerator<Row[]> {
    const { storage } = context.models
    for (let from = 0; from < keys.length; from += BATCH_SIZE) {
      if (from > 0) await this.#requireAsPlanned(context)
      const rows = await getRows(storage, keys.slice(from, from + BATCH_SIZE), decode)
      if (rows.length > 0) yield rows
    }
  }

  async *#readPoints(
    context: RelationContext,
    index: string,
    keys: Points['keys'],
    decode: DecodeRow,
  ): AsyncGenerator<Row[]> {
    const access = this.access(index)
    const points = keys.map((key) => access.pointOf(key)).filter((key) => key !== undefined)
    for (let from = 0; from < points.length; from += BATCH_SIZE) {
      if (from > 0) await this.#requireAsPlanned(context)
      const some = points.slice(from, from + BATCH_SIZE)
      yield* this.#readKeys(
        context,
        access instanceof EntryAccess ? await rowKeysOf(context.models.storage, access, some) : some,
        decode,
      )
    }
  }

  async *#readRanges(
    context: RelationContext,
    path: Extract<AccessPath, { kind: 'ranges' }>,
    { columns }: ScanRequest,
    options: ReadOptions,
  ): AsyncGenerator<Row[]> {
    const { storage } = context.models
    const access = this.access(path.index)
    const ranges = path.ranges.map((range) => access.rangeOf(range)).filter((range) => range !== undefined)
    if (options.reverse) ranges.reverse()
    if (!(access instanceof EntryAccess)) {
      yield* this.#readRows(context, ranges, this.decoder(columns), options)
      return
    }
    if (path.indexOnly) {
      const decoder = entryDecoder(this.layout, this.types, access, columns)
      const keysOnly = decoder.reads === 'key'
      for await (const entries of readRanges(storage, ranges, { ...options, keysOnly })) {
        yield entries.map(decoder.reads === 'key' ? ({ key }) => decoder.ofKey(key) : decoder.decode)
        if (ranges.length > 1) await this.#requireAsPlanned(context)
      }
      return
    }
    const { decode } = this.decoder(columns)
    const begun = storage.snapshotCount
    for await (const entries of readRanges(storage, ranges, options)) {
      await this.#requireAsPlanned(context)
      // The entries are of the snapshot in which the range was begun, the rows of the present one.
      const current = storage.snapshotCount === begun ? entries : await stillThere(storage, entries)
      const rows = await getRows(
        storage,
        current.map((entry) => access.rowKeyOf(entry)),
        decode,
      )
      if (rows.length > 0) yield rows
    }
  }
}

type Points = Extract<AccessPath, { kind: 'points' }>

function orderedKeys({ keys }: Points, isReverse: boolean | undefined): Points['keys'] {
  return isReverse === true ? keys.toReversed() : keys
}

interface ReadOptions {
  readonly signal: AbortSignal
  readonly reverse: boolean
  readonly limit: number | undefined
}

/** The rows of a range, of which only what the decoder needs is read. */
function readRange(
  storage: Transaction,
  range: KeyRange,
  decoder: RowDecoder,
  { signal, reverse, limit }: ReadOptions,
): AsyncIterable<Row[]> {
  const options = { signal, reverse, chunkSize: chunkSizeFor(limit) }
  switch (decoder.reads) {
    case 'value':
      return decodeValues(storage, range, options, decoder.ofValue)
    case 'key':
      return readEntries(storage, range, { ...options, keysOnly: true }, decoder.ofKey)
    case 'both':
      return readEntries(storage, range, options, decoder.decode)
  }
}

async function* readEntries(
  storage: Transaction,
  range: KeyRange,
  options: ScanOptions,
  decode: DecodeRow,
): AsyncGenerator<Row[]> {
  for await (const entries of storage.scan(range, options)) {
    const rows = new Array<Row>(entries.length)
    for (let i = 0; i < entries.length; i++) {
      // The index is within the array.
      const { key, value } = entries[i] as Entry
      rows[i] = decode(key, value)
    }
    yield rows
  }
}

/** The keys of the rows that entries of a unique index lead to. */
async function rowKeysOf(
  storage: Transaction,
  access: EntryAccess,
  entries: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const values = await getMany(storage, entries)
  return entries.flatMap((key, i) => {
    const value = values[i]
    return value === undefined ? [] : [access.rowKeyOf({ key, value })]
  })
}

/** The entries that others have not taken away: those of rows that have the values of the range no more are gone. */
async function stillThere(storage: Transaction, entries: readonly Entry[]): Promise<Entry[]> {
  const values = await getMany(
    storage,
    entries.map(({ key }) => key),
  )
  return entries.filter((entry, i) => {
    const value = values[i]
    return value !== undefined && compareBytes(value, entry.value) === 0
  })
}

/** The rows that are there. */
async function getRows(storage: Transaction, keys: readonly Uint8Array[], decode: DecodeRow): Promise<Row[]> {
  const values = await getMany(storage, keys)
  const rows: Row[] = []
  for (let i = 0; i < keys.length; i++) {
    const value = values[i]
    // The index is within the array.
    if (value !== undefined) rows.push(decode(keys[i] as Uint8Array, value))
  }
  return rows
}

async function getMany(
  storage: Transaction,
  keys: readonly Uint8Array[],
): Promise<readonly (Uint8Array | undefined)[]> {
  const [only] = keys
  return keys.length === 1 && only !== undefined ? [await storage.get(only)] : storage.getMany(keys)
}

function generationOf({
  generated,
  identity,
}: TableLayout['columns'][number]): RelationColumn['generated'] | undefined {
  if (generated !== undefined) return 'stored'
  if (identity === undefined) return undefined
  return identity.always === true ? 'identity always' : 'identity by default'
}

function relationIndexes({ layout, facts }: TableRelation): RelationIndex[] {
  const { primaryKey } = layout
  const keyed = (primaryKey ?? []).filter(({ type }) => !losesInKeys(type)).map(({ position }) => position)
  const primary: RelationIndex[] =
    primaryKey === undefined
      ? []
      : [
          {
            name: layout.primaryKeyName,
            isPrimary: true,
            isUnique: true,
            nullsNotDistinct: false,
            keys: primaryKey.map(({ position }) => ({
              key: position,
              isDescending: false,
              nullsFirst: false,
            })),
            covers: layout.columns.map(({ position }) => position),
          },
        ]
  const others = layout.indexes
    .filter(({ isReady, where }) => isReady && where === undefined)
    .map((index): RelationIndex => {
      const predicate = index.predicate === undefined ? undefined : facts.expressions.predicate(index.id)
      const covered = index.keys.flatMap(({ column }) =>
        column === undefined || losesInKeys(column.type) ? [] : [column.position],
      )
      return {
        name: index.name,
        isPrimary: index.definition.constraint?.kind === 'primary',
        isUnique: index.unique,
        nullsNotDistinct: index.nullsNotDistinct,
        ...(index.deferrable === undefined ? {} : { isDeferrable: true as const }),
        keys: index.keys.map(({ column, descending, nullsLarge }, i) => ({
          key:
            column === undefined
              ? defined(facts.expressions.key(index.id, i), 'the expression of the key')
              : column.position,
          isDescending: descending,
          // Without nulls both are true of it; this is what a query asks for when it says nothing.
          nullsFirst: column?.notNull === true || nullsLarge ? descending : !descending,
        })),
        ...(predicate === undefined ? {} : { predicate }),
        covers: [...new Set([...covered, ...keyed])],
      }
    })
  return [...primary, ...others]
}
