import { defined } from '@orbit-ts/base'
import { toJson } from '../../models/relational/schema/json-literal.js'
import { PLAIN_CONTEXT } from '../../models/relational/types/plain-context.js'
import { systemRegistry } from '../../scalar/system-registry.js'
import type { Value } from '../../scalar/value.js'

/** What a model keeps as JSON, as a `jsonb` value. */
export function jsonbValue(value: unknown): Value {
  const type = defined(systemRegistry.typeByName('jsonb'), 'the type jsonb')
  return type.parse(JSON.stringify(toJson(value)), -1, PLAIN_CONTEXT)
}
