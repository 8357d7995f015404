/** Types of table columns, guessed from values. Names are those of PostgreSQL. */

const INTEGER = /^[+-]?(?:0|[1-9]\d{0,17})$/
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/
const DATE = /^\d{4}-\d\d-\d\d$/
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?$/
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)$/i
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * The narrowest type that has all the values; `text` where there are none.
 * @param isText the values are fields of a CSV file, so that numbers and truth values are text too
 */
export function inferColumnType(values: readonly unknown[], isText: boolean): string {
  const types = new Set(
    values.filter((value) => value !== null && value !== undefined).map((value) => typeOf(value, isText)),
  )
  const [only = 'text'] = types
  if (types.size <= 1) return only
  if (isSubset(types, ['int8', 'float8'])) return 'float8'
  if (isSubset(types, ['date', 'timestamp'])) return 'timestamp'
  // Values of JSON keep their types; a column of text would refuse the others.
  return isText || isSubset(types, ['date', 'timestamp', 'timestamptz', 'uuid', 'text']) ? 'text' : 'jsonb'
}

function typeOf(value: unknown, isText: boolean): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isSafeInteger(value) ? 'int8' : 'float8'
    case 'string':
      return (isText ? scalarOf(value) : undefined) ?? textTypeOf(value)
    default:
      return 'jsonb'
  }
}

function scalarOf(text: string): string | undefined {
  if (/^(?:true|false)$/i.test(text)) return 'bool'
  if (INTEGER.test(text)) return 'int8'
  return NUMBER.test(text) ? 'float8' : undefined
}

function textTypeOf(text: string): string {
  if (DATE.test(text)) return 'date'
  if (TIMESTAMP.test(text)) return 'timestamp'
  if (MOMENT.test(text)) return 'timestamptz'
  return UUID.test(text) ? 'uuid' : 'text'
}

function isSubset(types: ReadonlySet<string>, of: readonly string[]): boolean {
  return [...types].every((type) => of.includes(type))
}
