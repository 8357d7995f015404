import { OrbitError, didYouMean, parseDuration } from '@orbit-ts/base'
import { timeSeriesKeys } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { describe } from '../../filter/filter-tree.js'
import type { Model } from '../model.js'
import {
  FIELD_TYPES,
  type FieldDefinition,
  type FieldType,
  type RollupDefinition,
  type SeriesDefinition,
  type SeriesInput,
} from './series-input.js'

const TAGS_MAX = 32
const FIELDS_MAX = 1000
const ROLLUPS_MAX = 16

/** The time-series model, as the catalog sees it. */
export const seriesModel: Model<SeriesInput, SeriesDefinition> = {
  kind: 'series',

  define(name, input) {
    return complete(name, input)
  },

  evolve(object, input) {
    const before = object.definition
    const after = complete(object.name, input, before)
    if (JSON.stringify(before.tags) !== JSON.stringify(after.tags)) {
      throw mismatch(
        object,
        `tags: [${before.tags.join(', ')}] cannot become [${after.tags.join(', ')}]: they name the stored series`,
      )
    }
    for (const field of before.fields) {
      const declared = after.fields.find((candidate) => candidate.name === field.name)
      if (declared !== undefined && declared.type !== field.type) {
        throw mismatch(object, `fields.${field.name}: ${field.type} cannot become ${declared.type}`)
      }
    }
    return JSON.stringify(before) === JSON.stringify(after) ? undefined : after
  },

  dataRanges(id) {
    return [timeSeriesKeys.collection(id)]
  },
}

const INPUT_KEYS = ['tags', 'fields', 'retention', 'rollups']

function complete(name: string, input: SeriesInput, before?: SeriesDefinition): SeriesDefinition {
  const fail = failure(name)
  if (typeof input !== 'object' || input === null) fail('definition', 'an object with fields is expected')
  for (const key of Object.keys(input)) {
    if (!INPUT_KEYS.includes(key)) fail(key, `is no part of a time series${didYouMean(key, INPUT_KEYS)}`)
  }
  const tags = checkTags(input.tags ?? [], fail)
  const { fields, nextFieldId } = checkFields(
    input.fields,
    before?.fields ?? [],
    before?.nextFieldId ?? 1,
    fail,
  )
  const clash = fields.find((field) => tags.includes(field.name))
  if (clash !== undefined) fail(`fields.${clash.name}`, 'is also the name of a tag')
  const retentionMs = span(input.retention, 'retention', fail)
  const declared = checkRollups(input.rollups ?? [], fail)
  if (retentionMs !== null) checkMultiples(declared, fail)
  return { tags, fields, nextFieldId, retentionMs, ...withIds(declared, before) }
}

type Fail = (field: string, reason: string) => never

function failure(name: string): Fail {
  return (field, reason) => {
    throw new OrbitError('SCHEMA_INVALID', `time series "${name}": ${field}: ${reason}`, {
      model: 'series',
      object: name,
      field,
    })
  }
}

function mismatch(object: CatalogObject, reason: string): OrbitError {
  return new OrbitError('SCHEMA_MISMATCH', `time series "${object.name}": ${reason}`, {
    model: 'series',
    object: object.name,
  })
}

function checkTags(tags: unknown, fail: Fail): string[] {
  if (!Array.isArray(tags) || tags.length > TAGS_MAX)
    return fail('tags', `a list of at most ${TAGS_MAX} names is expected`)
  const names = (tags as unknown[]).map((tag) => checkName(tag, 'tags', fail))
  if (new Set(names).size !== names.length) fail('tags', 'a name stands twice')
  return names
}

function checkFields(
  fields: unknown,
  known: readonly FieldDefinition[],
  firstFree: number,
  fail: Fail,
): { fields: FieldDefinition[]; nextFieldId: number } {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    return fail('fields', 'an object of names and types is expected')
  }
  const entries = Object.entries(fields as Record<string, unknown>)
  if (entries.length === 0 || entries.length > FIELDS_MAX)
    fail('fields', `1 to ${FIELDS_MAX} fields are expected`)
  let nextFieldId = firstFree
  const completed = entries.map(([name, type]): FieldDefinition => {
    checkName(name, 'fields', fail)
    if (!isFieldType(type)) {
      const found = describe(type)
      return fail(
        `fields.${name}`,
        `${found} is not one of ${FIELD_TYPES.join(', ')}${typeof type === 'string' ? didYouMean(type, FIELD_TYPES) : ''}`,
      )
    }
    const id = known.find((field) => field.name === name)?.id ?? nextFieldId++
    return { id, name, type }
  })
  return { fields: completed, nextFieldId }
}

function isFieldType(type: unknown): type is FieldType {
  return typeof type === 'string' && FIELD_TYPES.some((known) => known === type)
}

type DeclaredRollup = Omit<RollupDefinition, 'id'>

function checkRollups(rollups: unknown, fail: Fail): DeclaredRollup[] {
  if (!Array.isArray(rollups) || rollups.length > ROLLUPS_MAX) {
    return fail('rollups', `a list of at most ${ROLLUPS_MAX} is expected`)
  }
  const completed = (rollups as unknown[]).map((rollup, index): DeclaredRollup => {
    const at = `rollups[${index}]`
    if (typeof rollup !== 'object' || rollup === null)
      return fail(at, 'an object with a granularity is expected')
    const granularityMs = span(Reflect.get(rollup, 'granularity'), `${at}.granularity`, fail)
    if (granularityMs === null) return fail(`${at}.granularity`, 'is missing')
    return { granularityMs, retentionMs: span(Reflect.get(rollup, 'retention'), `${at}.retention`, fail) }
  })
  completed.sort((a, b) => a.granularityMs - b.granularityMs)
  const widths = new Set(completed.map((rollup) => rollup.granularityMs))
  if (widths.size !== completed.length) fail('rollups', 'a granularity stands twice')
  return completed
}

/** Points are removed up to where a bucket of every rollup begins; see `retentionCutoff`. */
function checkMultiples(rollups: readonly DeclaredRollup[], fail: Fail): void {
  rollups.forEach(({ granularityMs }, index) => {
    const finer = rollups[index - 1]?.granularityMs
    if (finer !== undefined && granularityMs % finer !== 0) {
      fail(
        'rollups',
        `with a retention, ${granularityMs} ms has to be a multiple of the next finer granularity, ${finer} ms`,
      )
    }
  })
}

function withIds(
  declared: readonly DeclaredRollup[],
  before: SeriesDefinition | undefined,
): Pick<SeriesDefinition, 'rollups' | 'nextRollupId' | 'droppedRollups'> {
  const known = before?.rollups ?? []
  let nextRollupId = before?.nextRollupId ?? 1
  const rollups = declared.map((rollup): RollupDefinition => {
    const same = known.find(({ granularityMs }) => granularityMs === rollup.granularityMs)
    return { id: same?.id ?? nextRollupId++, ...rollup }
  })
  const dropped = known.filter(({ id }) => !rollups.some((rollup) => rollup.id === id)).map(({ id }) => id)
  return { rollups, nextRollupId, droppedRollups: [...(before?.droppedRollups ?? []), ...dropped] }
}

function checkName(name: unknown, field: string, fail: Fail): string {
  if (typeof name === 'string' && /^[^\u0000-\u001f\u007f$.][^\u0000-\u001f\u007f.]{0,127}$/u.test(name))
    return name
  return fail(
    field,
    `${describe(name)} is not a name of 1 to 128 characters without "." and control characters`,
  )
}

/** Milliseconds, at least 1; null when not given. */
function span(value: unknown, field: string, fail: Fail): number | null {
  if (value === undefined || value === null) return null
  const ms = typeof value === 'string' ? parseDuration(value) : value
  if (typeof ms === 'number' && Number.isSafeInteger(ms) && ms >= 1) return ms
  return fail(field, `${describe(value)} is no duration; write milliseconds, or text such as "1h" or "30d"`)
}
