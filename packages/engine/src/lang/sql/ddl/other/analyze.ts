/** ANALYZE and VACUUM: statistics of tables, from a sample of their rows. */
import { tableTypes } from '../../../../relation/table-types.js'
import type { Relation } from '../../../../relation/relation.js'
import { PLAIN_CONTEXT } from '../../../../models/relational/types/plain-context.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { Row, Value } from '../../../../scalar/value.js'
import { objectOid } from '../../catalog/oids.js'
import type { TableObject } from '../../catalog/snapshot.js'
import type { StoredColumnStatistics, StoredStatistics } from '../../catalog/table-statistics.js'
import { sizeOfValue } from '../../../../scalar/value-size.js'
import { queryError } from '../../../../scalar/condition.js'
import { stringsOf, type VacuumRelation, type VacuumStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { givenName, requireRelation, type FoundClass } from '../target-names.js'
import { Reservoir } from './reservoir.js'

const SAMPLE_SIZE = 30_000
const MOST_COMMON_MAX = 100
const BUCKETS = 100
/** A value is common when it comes so much more often than the mean. */
const COMMON_FACTOR = 1.25
/** Characters of a value that is kept. */
const VALUE_MAX_BYTES = 1024

export async function vacuum(ddl: DefinitionContext, statement: VacuumStmt): Promise<string> {
  const isAnalyze =
    statement.is_vacuumcmd !== true ||
    (statement.options ?? []).some((node) => 'DefElem' in node && node.DefElem.defname === 'analyze')
  const given = (statement.rels ?? []).flatMap((node) =>
    'VacuumRelation' in node ? [node.VacuumRelation] : [],
  )
  const verb = isAnalyze ? 'analyze' : 'vacuum'
  const tables =
    given.length === 0
      ? ddl.catalog.tables.filter((table) => isOwn(ddl, table))
      : given
          .flatMap((each) => givenTable(ddl, each, statement.is_vacuumcmd === true) ?? [])
          .filter((table) => isOwn(ddl, table) || skipped(ddl, table, verb))
  if (isAnalyze) for (const table of tables) await analyzeTable(ddl, table)
  return statement.is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE'
}

/**
 * Undefined, with a warning but of relations of the system, for what has no rows of its own.
 * @throws undefined_table, undefined_column
 */
function givenTable(
  ddl: DefinitionContext,
  { relation, va_cols: names }: VacuumRelation,
  isVacuum: boolean,
): TableObject | undefined {
  const given = givenName(relation ?? {})
  const found = requireRelation(ddl, given)
  const table = tableOf(ddl, found)
  if (table === undefined) {
    const verb = isVacuum ? 'vacuum' : 'analyze'
    if (found.kind !== 'other')
      ddl.warning(`skipping "${given.name}" --- cannot ${verb} non-tables or special system tables`)
    return undefined
  }
  for (const name of stringsOf(names)) {
    if (table.definition.columns.every((column) => column.name !== name))
      throw queryError('undefined_column', `column "${name}" of relation "${given.name}" does not exist`)
  }
  return table
}

/** The table, or the one that keeps the rows of a materialized view. */
function tableOf(ddl: DefinitionContext, found: FoundClass): TableObject | undefined {
  if (found.kind === 'table') return found.table
  const storage = found.kind === 'view' ? found.view.value.storage : undefined
  return storage === undefined ? undefined : ddl.catalog.tables.find(({ name }) => name === storage)
}

function isOwn(ddl: DefinitionContext, table: TableObject): boolean {
  const owner = ddl.catalog.ownerOfClass(objectOid(table.id))
  return ddl.isSuperuser || (owner !== undefined && ddl.isMember(owner))
}

function skipped(ddl: DefinitionContext, table: TableObject, verb: string): false {
  const { name } = ddl.catalog.tableRelation(table)
  ddl.warning(`skipping "${name}" --- only table or database owner can ${verb} it`)
  return false
}

export async function analyzeTable(ddl: DefinitionContext, table: TableObject): Promise<void> {
  const relation = ddl.catalog.tableRelation(table)
  const { rowCount, sample } = await sampleOf(ddl, relation)
  const { types } = tableTypes(relation.layout, ddl.catalog.types)
  const columns: Record<string, StoredColumnStatistics> = {}
  for (const { id, position } of relation.layout.columns) {
    const type = types[position]
    if (type !== undefined)
      columns[id] = columnStatistics(
        sample.map((row) => row[position] ?? null),
        type,
        rowCount,
      )
  }
  const statistics: StoredStatistics = { rowCount, columns }
  await ddl.context.catalog.putStatistics(ddl.context, table.id, statistics)
  await ddl.reload()
}

export async function sampleOf(
  ddl: DefinitionContext,
  relation: Relation,
  columns: readonly number[] = relation.columns.map((_, ordinal) => ordinal),
): Promise<{ rowCount: number; sample: Row[] }> {
  const sample = new Reservoir<Row>(SAMPLE_SIZE, ddl.state.env.random)
  const context = { models: ddl.context, scalar: ddl.state.scalar, signal: ddl.scope.signal }
  let rowCount = 0
  for await (const rows of relation.scan(context, { columns, access: { kind: 'all' } })) {
    rowCount += rows.length
    for (const row of rows) sample.offer(row)
  }
  return { rowCount, sample: sample.items }
}

export function columnStatistics(
  values: readonly Value[],
  { scalar, collation }: DataType,
  rowCount: number,
): StoredColumnStatistics {
  const present = values.filter((value) => value !== null)
  const nullFraction = values.length === 0 ? 0 : 1 - present.length / values.length
  const averageBytes =
    present.length === 0
      ? 0
      : present.reduce((sum: number, value) => sum + sizeOfValue(value), 0) / present.length
  const { hashKey, compare } = scalar
  const plain = { nullFraction, averageBytes, distinctCount: present.length, mostCommon: [], histogram: [] }
  if (hashKey === undefined) return plain
  const counts = new Map<unknown, { value: Value; count: number }>()
  for (const value of present) {
    const key = hashKey(value)
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { value, count: 1 })
    else known.count++
  }
  const distinctCount = estimateDistinct(counts.values(), present.length, rowCount * (1 - nullFraction))
  const text = (value: Value): string => scalar.format(value, PLAIN_CONTEXT)
  const common = mostCommon([...counts.values()], present.length).filter(({ value }) => isShort(text(value)))
  const commonKeys = new Set(common.map(({ value }) => hashKey(value)))
  const rest = present.filter((value) => !commonKeys.has(hashKey(value)))
  return {
    ...plain,
    distinctCount,
    mostCommon: common.map(({ value, count }) => [text(value), count / values.length] as const),
    histogram:
      compare === undefined
        ? []
        : histogram(rest, (a, b) => compare(a, b, collation))
            .map(text)
            .filter(isShort),
  }
}

const isShort = (text: string): boolean => text.length <= VALUE_MAX_BYTES

/** Haas and Stokes's estimator of how many different values there are in all, as PostgreSQL uses it. */
function estimateDistinct(
  counts: Iterable<{ readonly count: number }>,
  sampled: number,
  total: number,
): number {
  let [distinct, once] = [0, 0]
  for (const { count } of counts) {
    distinct++
    if (count === 1) once++
  }
  if (sampled === 0) return 0
  if (sampled >= total || once === 0) return distinct
  if (once === distinct) return Math.round(total)
  const estimate = (sampled * distinct) / (sampled - once + (once * sampled) / total)
  return Math.round(Math.min(Math.max(estimate, distinct), total))
}

function mostCommon<T extends { readonly count: number }>(counts: readonly T[], sampled: number): T[] {
  const mean = sampled / Math.max(counts.length, 1)
  // All of them when they are few: then nothing is left to estimate.
  const isComplete = counts.length <= MOST_COMMON_MAX && counts.every(({ count }) => count > 1)
  return counts
    .filter(({ count }) => isComplete || (count > 1 && count > mean * COMMON_FACTOR))
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_COMMON_MAX)
}

/** Bounds of buckets that hold equally many values. */
function histogram(values: readonly Value[], compare: (a: Value, b: Value) => number): Value[] {
  const sorted = values.toSorted(compare)
  if (sorted.length < 2) return []
  const buckets = Math.min(BUCKETS, sorted.length - 1)
  return Array.from(
    { length: buckets + 1 },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / buckets)] ?? null,
  )
}
