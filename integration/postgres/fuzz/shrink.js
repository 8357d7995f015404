// @ts-check
import { expression, sqlOf } from './node.js'

/** @typedef {import('./node.js').SqlNode} SqlNode */

const ATTEMPTS_MAX = 300

/**
 * Leaves out and simplifies parts as long as what is left still fails.
 * @param {SqlNode} node
 * @param {(node: SqlNode) => Promise<boolean>} fails
 * @returns {Promise<SqlNode>}
 */
export async function shrink(node, fails) {
  let smallest = node
  let attempts = 0
  for (let found = true; found;) {
    found = false
    for (const candidate of smaller(smallest)) {
      if (sqlOf(candidate).length >= sqlOf(smallest).length) continue
      if (++attempts > ATTEMPTS_MAX) return smallest
      if (!(await fails(candidate))) continue
      smallest = candidate
      found = true
      break
    }
  }
  return smallest
}

/** The same tree with one thing less. @param {SqlNode} node @returns {Generator<SqlNode>} */
function* smaller(node) {
  if (node.isOptional === true) yield { parts: [] }
  if (node.type !== undefined) {
    for (const inner of innerOf(node)) if (inner.type === node.type) yield inner
    yield expression(node.type, `NULL::${node.type}`)
  }
  for (const [index, part] of node.parts.entries()) {
    if (typeof part === 'string') continue
    for (const candidate of smaller(part)) {
      yield { ...node, parts: [...node.parts.slice(0, index), candidate, ...node.parts.slice(index + 1)] }
    }
  }
}

/** @param {SqlNode} node @returns {Generator<SqlNode>} */
function* innerOf(node) {
  for (const part of node.parts) {
    if (typeof part === 'string') continue
    yield part
    yield* innerOf(part)
  }
}
