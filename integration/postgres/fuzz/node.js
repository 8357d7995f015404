// @ts-check
/** SQL as a tree, so that a failing statement can be made smaller. */

/**
 * @typedef {{
 *   parts: readonly (string | SqlNode)[],
 *   type?: string,
 *   isOptional?: boolean,
 * }} SqlNode
 * `type`: of an expression, which may be put in the place of another of that type.
 * `isOptional`: what may be left out.
 */

/** @param {SqlNode | string} node @returns {string} */
export function sqlOf(node) {
  return typeof node === 'string' ? node : node.parts.map(sqlOf).join('')
}

/** @param {string} type @param {readonly (string | SqlNode)[]} parts @returns {SqlNode} */
export const expression = (type, ...parts) => ({ type, parts: /** @type {any} */ (parts) })

/** @param {readonly (string | SqlNode)[]} parts @returns {SqlNode} */
export const clause = (...parts) => ({ parts: /** @type {any} */ (parts) })

/** @param {readonly (string | SqlNode)[]} parts @returns {SqlNode} */
export const optional = (...parts) => ({ parts: /** @type {any} */ (parts), isOptional: true })

/** With something between each two. @param {readonly (string | SqlNode)[]} items @param {string} separator @returns {SqlNode} */
export function joined(items, separator = ', ') {
  return { parts: items.flatMap((item, index) => (index === 0 ? [item] : [separator, item])) }
}

/** A list of which all but the first may be left out. @param {readonly (string | SqlNode)[]} items @returns {SqlNode} */
export function shortenable(items) {
  const [first = '', ...more] = items
  return clause(first, ...more.map((item) => optional(', ', item)))
}
