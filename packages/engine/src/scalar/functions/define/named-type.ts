import { assert } from '@orbit-ts/base'
import type { ScalarType } from '../../data-type.js'
import { systemTypes } from '../../types/system-types.js'

const typesByName = new Map<string, ScalarType>()
for (const type of systemTypes) typesByName.set(type.name, type)

/** The system's type with that `typname`. Definitions of functions name types that are there. */
export function namedType(name: string): ScalarType {
  const type = typesByName.get(name)
  assert(type !== undefined, `no type is called ${name}`)
  return type
}
