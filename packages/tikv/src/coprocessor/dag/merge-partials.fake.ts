import type { DagFunction, DagPlan, DagRow, DagValue } from './dag-plan.js'
import { outputTypes } from './dag-types.js'
import { LocalPlan, nameOf, plain } from './local-plan.fake.js'

/** The answers of all tasks put together, in the form of `LocalPlan.run`. */
export function merged(plan: DagPlan, rows: readonly DagRow[]): DagRow[] {
  const { aggregate, topN, output } = plan
  if (aggregate !== undefined) return mergedGroups(plan, rows)
  if (topN === undefined || output !== undefined) return rows.map((row) => row.map(plain))
  return new LocalPlan(plan).firstOf(rows, topN.orderBy, topN.limit).map((row) => row.map(plain))
}

type Merge = (one: DagValue, other: DagValue) => DagValue

function mergedGroups(plan: DagPlan, rows: readonly DagRow[]): DagRow[] {
  const { functions = [], groupBy = [] } = plan.aggregate ?? {}
  const types = outputTypes(plan)
  const merges = functions.flatMap((one) => mergesOf(one))
  const groups = new Map<string, DagRow>()
  for (const row of rows) {
    const name = nameOf(row.slice(merges.length))
    const known = groups.get(name)
    groups.set(
      name,
      known === undefined ? row : known.map((value, at) => merges[at]?.(value, row[at] ?? null) ?? value),
    )
  }
  if (groups.size === 0 && groupBy.length === 0) {
    groups.set(
      '',
      types.map((_, at) => (merges[at] === add && isCount(functions, at) ? 0 : null)),
    )
  }
  return Array.from(groups.values(), (row) => row.map(plain))
}

function isCount(functions: readonly DagFunction[], column: number): boolean {
  const counts = functions.flatMap(({ kind }) => (kind === 'avg' ? [true, false] : [kind === 'count']))
  return counts[column] === true
}

function mergesOf(one: DagFunction): Merge[] {
  switch (one.kind) {
    case 'count':
    case 'sum':
      return [add]
    case 'avg':
      return [add, add]
    case 'min':
      return [better((order) => order < 0)]
    case 'max':
      return [better((order) => order > 0)]
    case 'first':
      return [(value) => value]
  }
}

const PLACES = 1_000_000_000_000n

/** Of numbers and decimals with twelve digits after the point at most. */
function add(one: DagValue, other: DagValue): DagValue {
  if (one === null || other === null) return one ?? other
  if (typeof one === 'number' && typeof other === 'number') return one + other
  const sum = scaled(String(one)) + scaled(String(other))
  const text = (sum < 0n ? -sum : sum).toString().padStart(13, '0')
  return `${sum < 0n ? '-' : ''}${text.slice(0, -12)}.${text.slice(-12)}`
}

function scaled(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole) * PLACES + BigInt(fraction.padEnd(12, '0').slice(0, 12))
  return text.startsWith('-') ? -value : value
}

function better(isBetter: (order: number) => boolean): Merge {
  return (one, other) => {
    if (one === null || other === null) return one ?? other
    return isBetter(compare(one, other)) ? one : other
  }
}

function compare(one: NonNullable<DagValue>, other: NonNullable<DagValue>): number {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other)
  if (typeof one === 'string' && typeof other === 'string') {
    if (isNumber(one) && isNumber(other)) return Number(scaled(one) - scaled(other))
    return Buffer.compare(Buffer.from(one), Buffer.from(other))
  }
  return one < other ? -1 : one > other ? 1 : 0
}

const isNumber = (text: string): boolean => /^-?\d+\.\d+$/.test(text)
