/**
 * A table in memory, as simple as it can be and independent of what is under test: every access goes through all rows.
 * Other transactions are played by `foreign`, which changes rows behind the back of a statement; what it changed is met
 * when a row is locked.
 */
import { defined } from '@orbit-ts/base'
import type { Expression } from '../../plan/expression.js'
import { ROW_ID_ORDINAL } from '../../plan/logical-plan.js'
import { queryError } from '../../scalar/condition.js'
import { RecordValue, type RecordField } from '../../scalar/record-value.js'
import type { Row, Value } from '../../scalar/value.js'
import type {
  IndexRange,
  Relation,
  RelationColumn,
  RelationContext,
  RelationIndex,
  RelationWrite,
  RelationWriter,
  RowId,
  ScanRequest,
  WriteRow,
} from '../../relation/relation.js'

const NO_FIELDS: readonly RecordField[] = []

export interface Stored {
  readonly id: number
  row: Row
  version: number
  isGone: boolean
}

export interface MemoryRelationOptions {
  readonly name?: string
  readonly oid?: number
  readonly columns: readonly RelationColumn[]
  readonly indexes?: readonly RelationIndex[]
  readonly rows?: readonly Row[]
  readonly defaults?: readonly Value[]
  readonly batchSize?: number
}

export class MemoryRelation implements Relation {
  readonly oid: number
  readonly schema = 'public'
  readonly name: string
  readonly kind = 'table'
  readonly columns: readonly RelationColumn[]
  readonly indexes: readonly RelationIndex[]
  readonly statistics = undefined
  readonly defaults: readonly Value[]
  readonly #batchSize: number
  #stored: Stored[] = []
  #nextId = 1
  /** What the last scans asked for. */
  readonly requests: ScanRequest[] = []
  /** What happens before rows are locked: the work of other transactions. */
  beforeLock: (() => void) | undefined
  readonly held = new Set<number>()

  constructor(options: MemoryRelationOptions) {
    this.oid = options.oid ?? 1000
    this.name = options.name ?? 't'
    this.columns = options.columns
    this.indexes = options.indexes ?? []
    this.defaults = options.defaults ?? []
    this.#batchSize = options.batchSize ?? 8
    for (const row of options.rows ?? []) this.put(row)
  }

  get rows(): Row[] {
    return this.#stored.filter(({ isGone }) => !isGone).map(({ row }) => row)
  }

  put(row: Row): Stored {
    const stored = { id: this.#nextId++, row, version: 1, isGone: false }
    this.#stored.push(stored)
    return stored
  }

  /** What another transaction commits. */
  foreign(test: (row: Row) => boolean, change: Row | undefined): void {
    for (const stored of this.#stored) {
      if (stored.isGone || !test(stored.row)) continue
      stored.version++
      if (change === undefined) stored.isGone = true
      else stored.row = change
    }
  }

  byId(id: RowId): Stored | undefined {
    return this.#stored.find((stored) => stored.id === partOf(id, 0) && !stored.isGone)
  }

  index(name: string): RelationIndex {
    return defined(
      this.indexes.find((index) => index.name === name),
      `the index ${name}`,
    )
  }

  keyOf(row: Row, index: RelationIndex): Row {
    return index.keys.map(({ key }) => row[key as number] as Value)
  }

  keysOf(index: RelationIndex): { readonly key: Row; readonly stored: Stored }[] {
    return this.#stored
      .filter(({ isGone }) => !isGone)
      .map((stored) => ({ key: this.keyOf(stored.row, index), stored }))
  }

  async *scan(_context: RelationContext, request: ScanRequest): AsyncGenerator<Row[]> {
    this.requests.push(request)
    let found = this.#find(request)
    if (request.isReverse === true) found.reverse()
    if (request.limit !== undefined) found = found.slice(0, request.limit)
    for (let at = 0; at < found.length; at += this.#batchSize) {
      const batch = found
        .slice(at, at + this.#batchSize)
        .map((stored) =>
          request.columns.map((ordinal): Value =>
            ordinal === ROW_ID_ORDINAL ? idOf(stored) : (stored.row[ordinal] ?? null),
          ),
        )
      yield batch
    }
  }

  #find({ access }: ScanRequest): Stored[] {
    const all = this.#stored.filter(({ isGone }) => !isGone)
    switch (access.kind) {
      case 'all':
        return all
      case 'rows':
        return access.ids.flatMap((id) => this.byId(id) ?? [])
      case 'points': {
        const index = this.index(access.index)
        return access.keys.flatMap((key) =>
          all.filter(({ row }) => this.keyOf(row, index).every((value, at) => value === key[at])),
        )
      }
      case 'ranges': {
        const index = this.index(access.index)
        const inIndex = [...all]
          .filter(({ row }) => index.predicate === undefined || holds(index.predicate, row))
          .sort((a, b) => compareKeys(this.keyOf(a.row, index), this.keyOf(b.row, index), index))
        return access.ranges.flatMap((range) =>
          inIndex.filter(({ row }) => isIn(range, this.keyOf(row, index))),
        )
      }
    }
  }

  get writer(): RelationWriter {
    return {
      idKey: (id) => partOf(id, 0),
      begin: () => Promise.resolve(new MemoryWrite(this)),
    }
  }
}

function idOf(stored: Stored): RowId {
  return new RecordValue(NO_FIELDS, [stored.id, stored.version])
}

function partOf(id: RowId, at: number): number {
  return Number((id as RecordValue).values[at])
}

/** Of conditions `column < constant` and `column = constant`, which is all that these tests hand down. */
function holds(condition: Expression, row: Row): boolean {
  if (condition.kind !== 'call') throw new Error('not a condition of these tests')
  const [left, right] = condition.args
  if (left?.kind !== 'column' || right?.kind !== 'constant') throw new Error('not a condition of these tests')
  const value = row[left.column] ?? null
  if (value === null || right.value === null) return false
  return condition.operator?.comparison === 'lt' ? Number(value) < Number(right.value) : value === right.value
}

export function compareKeys(a: Row, b: Row, index: RelationIndex): number {
  for (const [at, { isDescending, nullsFirst }] of index.keys.entries()) {
    const [x, y] = [a[at] ?? null, b[at] ?? null]
    if (x === null || y === null) {
      if (x !== y) return (x === null) === nullsFirst ? -1 : 1
      continue
    }
    if (x !== y) return (Number(x) < Number(y) ? -1 : 1) * (isDescending ? -1 : 1)
  }
  return 0
}

export function isIn(range: IndexRange, key: Row): boolean {
  if (!range.prefix.every((value, at) => value === key[at])) return false
  const value = key[range.prefix.length] ?? null
  const { lower, upper, notNull } = range
  if (value === null) return lower === undefined && upper === undefined && notNull !== true
  if (lower !== undefined) {
    const isAbove = lower.isInclusive
      ? Number(value) >= Number(lower.value)
      : Number(value) > Number(lower.value)
    if (!isAbove) return false
  }
  if (upper === undefined) return true
  return upper.isInclusive ? Number(value) <= Number(upper.value) : Number(value) < Number(upper.value)
}

class MemoryWrite implements RelationWrite {
  readonly #relation: MemoryRelation

  constructor(relation: MemoryRelation) {
    this.#relation = relation
  }

  async insert(rows: readonly WriteRow[]): Promise<Row[]> {
    return rows.map((row) => {
      const whole = this.#complete(row)
      if (this.#conflictOf(whole, undefined) !== undefined) {
        throw queryError('unique_violation', 'duplicate key value violates unique constraint')
      }
      return this.#relation.put(whole).row
    })
  }

  async insertUnlessExists(
    rows: readonly WriteRow[],
    index: string | undefined,
  ): ReturnType<RelationWrite['insertUnlessExists']> {
    return rows.map((row) => {
      const wanted = this.#complete(row)
      const existing = this.#conflictOf(wanted, index)
      if (existing === undefined) return { inserted: this.#relation.put(wanted).row }
      return { existing: idOf(existing), row: existing.row, wanted }
    })
  }

  async update(changes: Parameters<RelationWrite['update']>[0]): Promise<Row[]> {
    return changes.flatMap(({ id, values }) => {
      const stored = this.#relation.byId(id)
      if (stored === undefined) return []
      stored.row = stored.row.map((value, at) => (values[at] === undefined ? value : values[at]))
      return [stored.row]
    })
  }

  async delete(ids: readonly RowId[]): Promise<Row[]> {
    return ids.flatMap((id) => {
      const stored = this.#relation.byId(id)
      if (stored === undefined) return []
      stored.isGone = true
      return [stored.row]
    })
  }

  async defaults(ordinals: readonly number[], rowCount: number): Promise<Row[]> {
    return Array.from({ length: rowCount }, () =>
      ordinals.map((ordinal) => this.#relation.defaults[ordinal] ?? null),
    )
  }

  async lock(
    ids: readonly RowId[],
    _strength: 'update' | 'share',
    wait: 'block' | 'nowait' | 'skip',
  ): Promise<boolean[]> {
    const foreign = this.#relation.beforeLock
    this.#relation.beforeLock = undefined
    foreign?.()
    return ids.map((id) => {
      if (this.#relation.held.has(partOf(id, 0)) && wait === 'skip') return false
      return this.#relation.byId(id) !== undefined
    })
  }

  hasChanged(id: RowId): boolean {
    return this.#relation.byId(id)?.version !== partOf(id, 1)
  }

  async finish(): Promise<void> {
    // Nothing waits for the end of a statement here.
  }

  #complete(row: WriteRow): Row {
    return this.#relation.columns.map(
      (_column, at) => row[at] ?? (row[at] === null ? null : (this.#relation.defaults[at] ?? null)),
    )
  }

  #conflictOf(row: Row, name: string | undefined): Stored | undefined {
    const indexes = this.#relation.indexes.filter(
      (index) => index.isUnique && (name ?? index.name) === index.name,
    )
    for (const index of indexes) {
      const key = this.#relation.keyOf(row, index)
      const found = this.#relation
        .keysOf(index)
        .find((other) => key.every((value, at) => value !== null && value === other.key[at]))
      if (found !== undefined) return found.stored
    }
    return undefined
  }
}
