import { didYouMean } from '@orbit-ts/base'
import { describe } from '../../filter/filter-tree.js'
import { Reached, parsePath, readPath, type Path } from '../../filter/path.js'
import type { JsonDocument } from './collection.js'
import type { DocumentSchema, FieldSchema, JsonType } from './collection-input.js'

export interface ShapeProblem {
  readonly code: 'TYPE_MISMATCH' | 'NOT_NULL_VIOLATION'
  readonly field: string
  /** Follows the field's name in a message. */
  readonly reason: string
}

type Check = (document: JsonDocument) => ShapeProblem | undefined

/** A function that tells what is first found wrong with a document. */
export function compileShape(schema: DocumentSchema | null): Check {
  if (schema === null) return () => undefined
  const entries = Object.entries(schema.fields ?? {}).map(([text, field]) => ({
    path: parsePath(text),
    field,
  }))
  const checks = entries.map(({ path, field }) => compileField(path, field))
  if (schema.additionalFields === false) checks.unshift(onlyKnown(entries.map(({ path }) => path)))
  return (document) => {
    for (const check of checks) {
      const problem = check(document)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

function onlyKnown(paths: readonly Path[]): Check {
  const known = new Set(['id', ...paths.map(({ steps }) => steps[0]?.key ?? '')])
  return (document) => {
    const field = Object.keys(document).find((key) => !known.has(key))
    if (field === undefined) return undefined
    return { code: 'TYPE_MISMATCH', field, reason: `is not in the schema${didYouMean(field, known)}` }
  }
}

function compileField({ steps, text }: Path, { type, required = false }: FieldSchema): Check {
  const types: readonly JsonType[] | undefined = typeof type === 'string' ? [type] : type
  const allowsNull = types?.includes('null') === true
  const problem = (value: unknown): ShapeProblem | undefined => {
    if (value === undefined || value === null) {
      if (!required || (value === null && allowsNull)) return undefined
      return { code: 'NOT_NULL_VIOLATION', field: text, reason: value === null ? 'is null' : 'is missing' }
    }
    if (types === undefined || types.some((name) => isOfType(value, name))) return undefined
    return {
      code: 'TYPE_MISMATCH',
      field: text,
      reason: `is ${describe(value)}; it must be ${types.join(' or ')}`,
    }
  }
  return (document) => {
    const found = readPath(document, steps)
    if (!(found instanceof Reached)) return problem(found)
    if (found.values.length === 0) return problem(undefined)
    return found.values.map(problem).find((each) => each !== undefined)
  }
}

function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'null':
      return value === null
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return typeof value === type
  }
}
