/** Arrays and objects inside one another in a JSON value. */
export const JSON_DEPTH_MAX = 100

/** The JSON text of a value; undefined when JSON cannot express it, so that nothing is lost silently. */
export function jsonText(value: unknown): string | undefined {
  return isJson(value, 0) ? JSON.stringify(value) : undefined
}

function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      return value === null || (depth < JSON_DEPTH_MAX && areJson(value, depth + 1))
    default:
      return false
  }
}

function areJson(value: object, depth: number): boolean {
  if (Array.isArray(value)) return value.every((element) => isJson(element, depth))
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null
  // A property that is undefined is left out, as JSON.stringify does.
  return isPlain && Object.values(value).every((entry) => entry === undefined || isJson(entry, depth))
}
