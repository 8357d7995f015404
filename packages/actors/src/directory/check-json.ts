import { OrbitError } from '@orbit-ts/base'

const DEPTH_MAX = 100

/**
 * Checks that a value reads back as it was once it was stored as JSON. Properties that are undefined are left out.
 * @throws INVALID_ARGUMENT naming the place and what is wrong with it
 */
export function checkJson(field: string, value: unknown): void {
  check(field, value, [])
}

/** @param around the arrays and objects that the value is in. */
function check(path: string, value: unknown, around: readonly object[]): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw refuse(path, `is ${value}`)
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw refuse(path, 'has a lone surrogate')
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return
  if (typeof value !== 'object') throw refuse(path, `is a ${typeof value}`)
  if (around.includes(value)) throw refuse(path, 'contains itself')
  if (around.length >= DEPTH_MAX)
    throw refuse(path.slice(0, 200), `is nested deeper than ${DEPTH_MAX} levels`)
  const inside = [...around, value]
  if (Array.isArray(value)) {
    value.forEach((item, i) => check(`${path}[${i}]`, item, inside))
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw refuse(path, 'is no plain object')
  for (const [name, item] of Object.entries(value)) {
    if (item !== undefined) check(`${path}.${name}`, item, inside)
  }
}

function refuse(path: string, reason: string): OrbitError {
  return new OrbitError(
    'INVALID_ARGUMENT',
    `${path}: ${reason}, which JSON does not have; use plain JSON values`,
    {
      field: path,
    },
  )
}
