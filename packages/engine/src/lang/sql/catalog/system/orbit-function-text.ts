/** How the table functions of the schema `orbit` describe themselves, as PostgreSQL describes those of a user. */
import { orbitFunctions } from '../../../../relation/models/orbit-functions.js'
import type { TableFunction } from '../../../../scalar/functions/function.js'
import { plainText, type Value } from '../../../../scalar/value.js'

function orbitFunction(oid: number): TableFunction | undefined {
  return orbitFunctions.find((each) => each.oid === oid)
}

/** `graph text, node text, depth integer DEFAULT 1`; undefined when it is none of them. */
export function orbitFunctionArguments(oid: number, withDefaults: boolean): string | undefined {
  const found = orbitFunction(oid)
  if (found === undefined) return undefined
  const { parameters, parameterNames = [], defaults = [] } = found
  const required = parameters.length - defaults.length
  return parameters
    .map(({ displayName }, at) => {
      const fallback = withDefaults && at >= required ? ` DEFAULT ${literal(defaults[at - required])}` : ''
      return `${parameterNames[at] ?? ''} ${displayName}${fallback}`
    })
    .join(', ')
}

/** `TABLE(id text, labels text[])`; undefined when it is none of them. */
export function orbitFunctionResult(oid: number): string | undefined {
  const columns = orbitFunction(oid)?.columns([])
  if (columns === undefined) return undefined
  return `TABLE(${columns.map(({ name, type }) => `${name} ${type.scalar.displayName}`).join(', ')})`
}

function literal(value: Value | undefined): string {
  const text = plainText(value ?? null)
  return typeof value === 'string' ? `'${text}'::text` : text
}
