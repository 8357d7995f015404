/** Checks the properties of nodes and edges. */
import { OrbitError, didYouMean } from '@orbit-ts/base'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import { toJsonValue } from '../../record/json-value.js'
import type { RecordType } from './graph-types.js'
import type { OpenGraph } from './open-graph.js'
import type { Properties } from '../property/property-types.js'
import type { RecordName } from './record-names.js'

export interface WrittenRecord {
  readonly name: RecordName
  /** The labels of a node, the type of an edge. */
  readonly types: readonly RecordType[]
}

/**
 * The properties as they are stored: without those that are null or undefined.
 * @throws TYPE_MISMATCH, NOT_NULL_VIOLATION, LIMIT_EXCEEDED, INVALID_ARGUMENT (not JSON, or not declared)
 */
export function checkProperties(graph: OpenGraph, record: WrittenRecord, given: unknown): Properties {
  return finish(graph, record, jsonObject(graph, record, given))
}

/**
 * The properties that `before` becomes when `patch` is merged into it: null removes.
 * @throws as `checkProperties`
 */
export function mergeProperties(
  graph: OpenGraph,
  record: WrittenRecord,
  before: Properties,
  patch: unknown,
): Properties {
  return finish(graph, record, { ...before, ...jsonObject(graph, record, patch) })
}

function finish(graph: OpenGraph, record: WrittenRecord, given: Properties): Properties {
  const entries = Object.entries(given)
  const kept = entries.filter(([, value]) => value !== null)
  const properties = kept.length === entries.length ? given : Object.fromEntries(kept)
  checkRules(graph, record, properties)
  return properties
}

function jsonObject(graph: OpenGraph, record: WrittenRecord, given: unknown): Properties {
  if (given === undefined) return {}
  if (isPlainObject(given)) {
    try {
      // A plain object is given back, as itself or as a copy.
      return toJsonValue(given, 'properties') as Properties
    } catch (error) {
      const { code, reason } = OrbitError.from(error)
      throw graph.error(code, `${record.name.what}: ${reason}`, {
        ...record.name.details,
        field: 'properties',
      })
    }
  }
  throw graph.error(
    'INVALID_ARGUMENT',
    `${record.name.what}: properties is ${describe(given)}; it must be an object of names and values`,
    { ...record.name.details, field: 'properties' },
  )
}

function checkRules(graph: OpenGraph, record: WrittenRecord, properties: Properties): void {
  refuseUndeclared(graph, record, properties)
  for (const { name: typeName, rules } of record.types) {
    for (const rule of rules?.values() ?? []) {
      const value = Object.hasOwn(properties, rule.name) ? properties[rule.name] : undefined
      const property = `property ${JSON.stringify(rule.name)}`
      const details = { ...record.name.details, field: rule.name }
      if (value === undefined) {
        if (!rule.required) continue
        throw graph.error(
          'NOT_NULL_VIOLATION',
          `${record.name.what}: ${property} is missing, and ${typeName} requires it`,
          details,
        )
      }
      if (rule.accepts(value)) continue
      throw graph.error(
        'TYPE_MISMATCH',
        `${record.name.what}: ${property} is ${describe(value)}; ${typeName} declares it as ${rule.type}`,
        details,
      )
    }
  }
}

/** One label (or type) without declared properties lets any in. */
function refuseUndeclared(
  graph: OpenGraph,
  { name: record, types }: WrittenRecord,
  properties: Properties,
): void {
  if (types.length === 0 || types.some(({ rules }) => rules === undefined)) return
  for (const name of Object.keys(properties)) {
    if (types.some(({ rules }) => rules?.has(name))) continue
    const known = types.flatMap(({ rules }) => [...(rules?.keys() ?? [])])
    const hint = didYouMean(name, known) || `; declared are ${known.join(', ') || 'none'}`
    throw graph.error(
      'INVALID_ARGUMENT',
      `${record.what}: property ${JSON.stringify(name)} is not declared${hint}`,
      {
        ...record.details,
        field: name,
      },
    )
  }
}

/** The `replace` of an update. */
export function checkReplace(graph: OpenGraph, given: unknown): boolean {
  if (given === undefined || typeof given === 'boolean') return given ?? false
  throw graph.error('INVALID_ARGUMENT', `update.replace is ${describe(given)}; it must be true or false`, {
    field: 'update.replace',
  })
}
