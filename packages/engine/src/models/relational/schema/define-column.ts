import { OrbitError } from '@orbit-ts/base'
import { formatColumnType, isInteger, parseColumnType, type ColumnType } from '../types/column-type.js'
import { formatValue } from '../types/format-value.js'
import { parseValue } from '../types/parse-value.js'
import { toJson } from './json-literal.js'
import { shown, type SchemaChecker } from './schema-problem.js'
import type { ColumnDefinition, IdentityDefinition } from './table-definition.js'
import { DEFAULT_FUNCTIONS, type DefaultFunction, type DefaultInput } from './table-input.js'

const COLUMN_KEYS = [
  'type',
  'notNull',
  'default',
  'identity',
  'primaryKey',
  'unique',
  'references',
  'renamedFrom',
]

/** A column as declared, checked; the parts that concern the whole table are left to it. */
export interface DeclaredColumn {
  readonly definition: Omit<ColumnDefinition, 'id' | 'absent'>
  readonly type: ColumnType
  readonly primaryKey: boolean
  readonly unique: boolean
  readonly references: unknown
  readonly renamedFrom: string | undefined
}

export function declareColumn(checker: SchemaChecker, name: string, input: unknown): DeclaredColumn {
  const where = `column "${name}"`
  checker.name('the name of a column', name)
  const fields = checker.object(where, input, COLUMN_KEYS)
  const type = columnType(checker, where, fields['type'])
  const identity = identityOf(checker, where, fields['identity'], type)
  const fallback = defaultOf(checker, where, fields['default'], type)
  if (identity !== undefined && fallback !== undefined)
    checker.fail(where, 'has both a default and an identity; drop one')
  const primaryKey = checker.flag(`${where}: primaryKey`, fields['primaryKey'])
  return {
    definition: {
      name,
      type: formatColumnType(type),
      notNull: checker.flag(`${where}: notNull`, fields['notNull']) || primaryKey || identity !== undefined,
      ...(fallback === undefined ? {} : { default: fallback }),
      ...(identity === undefined ? {} : { identity }),
    },
    type,
    primaryKey,
    unique: checker.flag(`${where}: unique`, fields['unique']),
    references: fields['references'],
    renamedFrom:
      fields['renamedFrom'] === undefined
        ? undefined
        : checker.name(`${where}: renamedFrom`, fields['renamedFrom']),
  }
}

function columnType(checker: SchemaChecker, where: string, text: unknown): ColumnType {
  let type: ColumnType
  try {
    type = parseColumnType(text)
  } catch (error) {
    return checker.fail(`${where}:`, OrbitError.from(error).reason)
  }
  if (type.typeId !== undefined)
    checker.fail(`${where}:`, `a column of type ${type.base} can only be declared in SQL`)
  return type
}

function defaultOf(
  checker: SchemaChecker,
  where: string,
  input: unknown,
  type: ColumnType,
): DefaultInput | undefined {
  if (input === undefined) return undefined
  const fields = checker.object(`${where}: default`, input, ['value', 'function'])
  if (Object.keys(fields).length !== 1)
    checker.fail(`${where}: default`, 'must have either a value or a function')
  if ('function' in fields) return { function: defaultFunction(checker, where, fields['function'], type) }
  const datum = parseValue(type, fields['value'])
  if (datum.kind === 'mismatch')
    checker.fail(`${where}: default`, `is ${shown(fields['value'])}; the column takes ${datum.accepts}`)
  return datum.kind === 'null' ? undefined : { value: toJson(formatValue(type, datum)) }
}

const FUNCTION_TYPES: Readonly<Record<DefaultFunction, readonly string[]>> = {
  now: ['timestamptz', 'timestamp', 'date', 'time'],
  uuid: ['uuid', 'text'],
}

function defaultFunction(
  checker: SchemaChecker,
  where: string,
  name: unknown,
  type: ColumnType,
): DefaultFunction {
  const known = checker.oneOf(`${where}: default`, name, DEFAULT_FUNCTIONS, 'now')
  const fitting = FUNCTION_TYPES[known]
  if (type.array === true || !fitting.includes(type.base)) {
    checker.fail(
      `${where}: default ${known}`,
      `is for columns of type ${fitting.join(', ')}, not ${formatColumnType(type)}`,
    )
  }
  return known
}

function identityOf(
  checker: SchemaChecker,
  where: string,
  input: unknown,
  type: ColumnType,
): IdentityDefinition | undefined {
  if (input === undefined || input === false) return undefined
  if (!isInteger(type))
    checker.fail(where, `is an identity; its type must be int2, int4 or int8, not ${formatColumnType(type)}`)
  const fields = input === true ? {} : checker.object(`${where}: identity`, input, ['start', 'increment'])
  const start = wholeNumber(checker, `${where}: identity.start`, fields['start'])
  const increment = wholeNumber(checker, `${where}: identity.increment`, fields['increment'])
  if (increment === 0) checker.fail(`${where}: identity.increment`, 'is 0; it must not be')
  return { start, increment }
}

function wholeNumber(checker: SchemaChecker, where: string, value: unknown): number {
  if (value === undefined) return 1
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  return checker.fail(where, `is ${shown(value)}; it must be a safe integer`)
}
