/** JSON's values turned into values of SQL's types. */
import { queryError } from '../../condition.js'
import { SqlArray } from '../../array/sql-array.js'
import type { DataType } from '../../data-type.js'
import { parseJsonb } from '../../json/parse-json.js'
import { RecordValue, type RecordField } from '../../record-value.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Value } from '../../value.js'
import { rawElements, rawKind, rawMembers, rawText } from './raw-json.js'

/** @param where the key that it stands at, for hints */
export function populate(context: ScalarContext, json: string, type: DataType, where: string): Value {
  const { scalar, modifier } = type
  if (scalar.name === 'json') return json
  if (scalar.name === 'jsonb') return parseJsonb(json)
  if (rawKind(json) === 'null') return null
  // A string is read as the type reads texts, an array's too.
  if (scalar.category === 'A' && scalar.element !== undefined && rawKind(json) !== 'string') {
    return populateArray(context, json, { scalar: scalar.element, modifier }, where)
  }
  if (scalar.fields !== undefined && rawKind(json) !== 'string') {
    return populateRecord(context, json, scalar.fields, undefined)
  }
  return scalar.parse(rawText(json) ?? '', modifier, context)
}

function populateArray(context: ScalarContext, json: string, element: DataType, where: string): Value {
  if (rawKind(json) !== 'array') throw expectedArray(where)
  const values: Value[] = []
  const lengths: number[] = []
  collect(context, json, element, where, 0, lengths, values)
  if (values.length === 0) return new SqlArray([])
  return new SqlArray(
    values,
    lengths.map((length) => ({ length, lower: 1 })),
  )
}

function expectedArray(where: string): Error {
  return queryError(
    'invalid_text_representation',
    'expected JSON array',
    where === '' ? {} : { hint: `See the value of key "${where}".` },
  )
}

/** Puts the elements of nested arrays in row; they have to be of one length on each level. */
function collect(
  context: ScalarContext,
  json: string,
  element: DataType,
  where: string,
  level: number,
  lengths: number[],
  values: Value[],
): void {
  const elements = [...rawElements(json)]
  const known = lengths[level]
  if (known === undefined) lengths[level] = elements.length
  else if (known !== elements.length) throw malformed()
  for (const each of elements) {
    const isArray =
      rawKind(each) === 'array' && element.scalar.name !== 'json' && element.scalar.name !== 'jsonb'
    if (isArray) collect(context, each, element, where, level + 1, lengths, values)
    else {
      if (lengths.length > level + 1) throw malformed()
      values.push(populate(context, each, element, where))
    }
  }
}

function malformed(): Error {
  return queryError('invalid_text_representation', 'malformed JSON array', {
    detail: 'Multidimensional arrays must have sub-arrays with matching dimensions.',
  })
}

/** A record with the members of an object; what the object does not have stays as it is in `base`. */
export function populateRecord(
  context: ScalarContext,
  json: string,
  fields: readonly RecordField[],
  base: readonly Value[] | undefined,
): RecordValue {
  const kind = rawKind(json)
  if (kind !== 'object') {
    throw queryError(
      'invalid_parameter_value',
      `cannot call populate_composite on ${kind === 'array' ? 'an array' : 'a scalar'}`,
    )
  }
  const members = new Map<string, string>()
  for (const { key, value } of rawMembers(json)) members.set(key, value)
  const values = fields.map(({ name, type }, index) => {
    const member = members.get(name)
    if (member === undefined) return base?.[index] ?? null
    return rawKind(member) === 'null' ? null : populate(context, member, type, name)
  })
  return new RecordValue(fields, values)
}
