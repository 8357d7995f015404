import { queryError } from '../../condition.js'
import type { DataType } from '../../data-type.js'
import { formatJsonb } from '../../json/format-json.js'
import type { Jsonb } from '../../json/jsonb.js'
import type { RecordField, RecordValue } from '../../record-value.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Row, Value } from '../../value.js'
import { bound } from '../define/scalar-function.js'
import { boundTable, type ColumnDefinitions } from '../define/table-function.js'
import type { AnyFunction } from '../function.js'
import { populateRecord } from './json-populate.js'
import { rawElements, rawKind } from './raw-json.js'

type JsonValue = string | Jsonb

const textOf = (json: JsonValue): string => (typeof json === 'string' ? json : formatJsonb(json.root))

function fieldsOf(
  functionName: string,
  base: RecordValue | null,
  type: DataType | undefined,
): readonly RecordField[] {
  const fields = base?.fields ?? type?.scalar.fields
  if (fields !== undefined) return fields
  throw queryError('feature_not_supported', `could not determine row type for result of ${functionName}`, {
    hint: 'Provide a non-null record argument, or call the function in the FROM clause using a column definition list.',
  })
}

/** A record of the base's type; the base itself for no JSON. */
function bindPopulateRecord(functionName: string) {
  return ([type]: readonly DataType[]) =>
    (context: ScalarContext, base: RecordValue | null, json: JsonValue | null): Value => {
      const fields = fieldsOf(functionName, base, type)
      return json === null ? base : populateRecord(context, textOf(json), fields, base?.values)
    }
}

function* recordRows(
  functionName: string,
  context: ScalarContext,
  json: JsonValue,
  fields: readonly RecordField[],
  base: RecordValue | null,
): Iterable<Row> {
  const text = textOf(json)
  const kind = rawKind(text)
  if (kind !== 'array') {
    throw queryError(
      'invalid_parameter_value',
      `cannot call ${functionName} on ${kind === 'object' ? 'an object' : 'a scalar'}`,
    )
  }
  for (const element of rawElements(text)) {
    if (rawKind(element) !== 'object') {
      throw queryError('invalid_parameter_value', `argument of ${functionName} must be an array of objects`)
    }
    yield [...populateRecord(context, element, fields, base?.values).values]
  }
}

function populateSet(signature: string, functionName: string, defaults: readonly Value[]): AnyFunction {
  return boundTable(
    signature,
    ([type], definitions) =>
      (context: ScalarContext, base: RecordValue | null, json: JsonValue | null): Iterable<Row> => {
        if (definitions !== undefined && base !== null) requireSame(base.fields, definitions)
        if (json === null) return []
        return recordRows(
          functionName,
          context,
          json,
          definitions ?? fieldsOf(functionName, base, type),
          base,
        )
      },
    { defaults, columns: ([type]) => type?.scalar.fields ?? [] },
  )
}

/** @throws datatype_mismatch */
function requireSame(fields: readonly RecordField[], definitions: ColumnDefinitions): void {
  const isSame =
    fields.length === definitions.length &&
    fields.every(({ type }, index) => type.scalar.oid === definitions[index]?.type.scalar.oid)
  if (!isSame)
    throw queryError('datatype_mismatch', 'function return row and query-specified return row do not match')
}

function required(definitions: ColumnDefinitions | undefined): readonly RecordField[] {
  if (definitions !== undefined) return definitions
  throw queryError(
    'feature_not_supported',
    'function returning record called in context that cannot accept type record',
    { hint: 'Try calling the function in the FROM clause using a column definition list.' },
  )
}

/** The members of one object as the columns that the query asks for. */
function toRecord(signature: string): AnyFunction {
  return boundTable(
    signature,
    (_, definitions) =>
      (context: ScalarContext, json: JsonValue): Iterable<Row> => [
        [...populateRecord(context, textOf(json), required(definitions), undefined).values],
      ],
    { columns: () => [] },
  )
}

function toRecordSet(signature: string, functionName: string): AnyFunction {
  return boundTable(
    signature,
    (_, definitions) =>
      (context: ScalarContext, json: JsonValue | null): Iterable<Row> =>
        json === null ? [] : recordRows(functionName, context, json, required(definitions), null),
    { columns: () => [] },
  )
}

/** Functions that make records of JSON. */
export const jsonRecords: readonly AnyFunction[] = [
  bound(
    '3960 json_populate_record(base anyelement,from_json json,use_json_as_text bool) anyelement nullable stable',
    bindPopulateRecord('json_populate_record'),
    { defaults: [false] },
  ),
  bound(
    '3209 jsonb_populate_record(anyelement,jsonb) anyelement nullable stable',
    bindPopulateRecord('jsonb_populate_record'),
  ),
  populateSet(
    '3961 json_populate_recordset(base anyelement,from_json json,use_json_as_text bool) anyelement nullable stable',
    'json_populate_recordset',
    [false],
  ),
  populateSet(
    '3475 jsonb_populate_recordset(anyelement,jsonb) anyelement nullable stable',
    'jsonb_populate_recordset',
    [],
  ),
  toRecord('3204 json_to_record(json) record stable'),
  toRecord('3490 jsonb_to_record(jsonb) record stable'),
  toRecordSet('3205 json_to_recordset(json) record nullable stable', 'json_to_recordset'),
  toRecordSet('3491 jsonb_to_recordset(jsonb) record nullable stable', 'jsonb_to_recordset'),
]
