// @ts-check
/**
 * Shapes of YAML documents, strictly: what a shape does not name is a mistake.
 *
 * @typedef {'string' | 'number' | 'boolean' | 'text or number' | readonly [Shape] | ShapeObject} Shape a list of one shape
 *   is a list of any number of those
 * @typedef {{ readonly [key: string]: Shape }} ShapeObject a key may be optional, `key?`; `*` is any key
 */

/** @param {Shape} shape @param {unknown} value @param {string} [at] @returns {string[]} what is wrong, and where */
export function shapeProblems(shape, value, at = '') {
  if (typeof shape === 'string') {
    const accepted = shape === 'text or number' ? ['string', 'number'] : [shape]
    return accepted.includes(typeof value) ? [] : [`${at} is no ${shape}`]
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${at} is no list`]
    return value.flatMap((item, index) => shapeProblems(shape[0], item, `${at}[${index}]`))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no table`]
  return objectProblems(
    /** @type {ShapeObject} */ (shape),
    /** @type {Record<string, unknown>} */ (value),
    at,
  )
}

/** @param {ShapeObject} shape @param {Record<string, unknown>} value @param {string} at */
function objectProblems(shape, value, at) {
  const missing = Object.keys(shape)
    .filter((key) => key !== '*' && !key.endsWith('?') && !Object.hasOwn(value, key))
    .map((key) => `${at}.${key} is missing`)
  const inside = Object.entries(value).flatMap(([key, item]) => {
    const found = shape[key] ?? shape[`${key}?`] ?? shape['*']
    return found === undefined ? [`${at}.${key} is unknown`] : shapeProblems(found, item, `${at}.${key}`)
  })
  return [...missing, ...inside]
}
