/** What declared properties accept. */
import type { JsonValue } from '../../record/json-value.js'
import type { PropertyType, PropertyTypeName, PropertyTypes } from './property-types.js'

type Check = (value: JsonValue) => boolean

const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

const arrayOf =
  (type: 'string' | 'number' | 'boolean'): Check =>
  (value) =>
    Array.isArray(value) && value.every((element) => typeof element === type)

const CHECKS: Readonly<Record<PropertyTypeName, Check>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  object: isObject,
  array: (value) => Array.isArray(value),
  'string[]': arrayOf('string'),
  'number[]': arrayOf('number'),
  'boolean[]': arrayOf('boolean'),
  json: () => true,
}

/** The names of all property types. */
export const PROPERTY_TYPES: ReadonlySet<string> = new Set(Object.keys(CHECKS))

export interface PropertyRule {
  readonly name: string
  readonly type: PropertyTypeName
  readonly required: boolean
  readonly accepts: (value: JsonValue) => boolean
}

export function propertyRules(types: PropertyTypes): Map<string, PropertyRule> {
  return new Map(Object.entries(types).map(([name, type]) => [name, ruleOf(name, type)]))
}

function ruleOf(name: string, declared: PropertyType): PropertyRule {
  const required = !declared.endsWith('?')
  // What is before the question mark is the name of a type.
  const type = (required ? declared : declared.slice(0, -1)) as PropertyTypeName
  return { name, type, required, accepts: CHECKS[type] }
}

const SCALARS: ReadonlySet<PropertyTypeName> = new Set(['string', 'number', 'integer', 'boolean'])

/** True when the property holds one value that sorts, never an array or an object. */
export function isScalar(rule: PropertyRule): boolean {
  return SCALARS.has(rule.type)
}

/** True when everything that `before` accepts is accepted by `after`. */
export function isRelaxed(before: PropertyTypes | undefined, after: PropertyTypes | undefined): boolean {
  if (after === undefined) return true
  if (before === undefined) return false
  const rules = propertyRules(after)
  for (const old of propertyRules(before).values()) {
    const rule = rules.get(old.name)
    if (rule === undefined || (rule.required && !old.required)) return false
    if (rule.type !== old.type && !WIDER[old.type].includes(rule.type)) return false
    rules.delete(old.name)
  }
  // What is new must not be required of what is stored.
  return [...rules.values()].every((rule) => !rule.required)
}

const WIDER: Readonly<Record<PropertyTypeName, readonly PropertyTypeName[]>> = {
  string: ['json'],
  number: ['json'],
  integer: ['number', 'json'],
  boolean: ['json'],
  object: ['json'],
  array: ['json'],
  'string[]': ['array', 'json'],
  'number[]': ['array', 'json'],
  'boolean[]': ['array', 'json'],
  json: [],
}
