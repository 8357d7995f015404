import { Numeric } from '../numeric/numeric.js'
import type { JsonNode } from './jsonb.js'

/** As `jsonb` is shown: a space after each comma and colon. */
export function formatJsonb(node: JsonNode): string {
  if (node === null) return 'null'
  if (typeof node === 'string') return quoteJson(node)
  if (typeof node === 'boolean') return node ? 'true' : 'false'
  if (node instanceof Numeric) return node.toString()
  return isJsonArray(node) ? formatArray(node) : formatObject(node)
}

function formatArray(elements: readonly JsonNode[]): string {
  let text = '['
  for (const element of elements) text += (text.length > 1 ? ', ' : '') + formatJsonb(element)
  return `${text}]`
}

function formatObject(members: ReadonlyMap<string, JsonNode>): string {
  let text = '{'
  for (const [key, value] of members) {
    text += `${text.length > 1 ? ', ' : ''}${quoteJson(key)}: ${formatJsonb(value)}`
  }
  return `${text}}`
}

/** With each element and each key on a line of its own, four spaces deeper than what it is in. */
export function formatJsonbPretty(node: JsonNode, indent = ''): string {
  if (node === null || typeof node !== 'object' || node instanceof Numeric) return formatJsonb(node)
  const inner = `${indent}    `
  const items = isJsonArray(node)
    ? node.map((element) => inner + formatJsonbPretty(element, inner))
    : Array.from(node, ([key, value]) => `${inner}${quoteJson(key)}: ${formatJsonbPretty(value, inner)}`)
  const [open, close] = isJsonArray(node) ? ['[', ']'] : ['{', '}']
  return `${open}\n${items.map((item, index) => `${item}${index < items.length - 1 ? ',' : ''}\n`).join('')}${indent}${close}`
}

const NEEDS_ESCAPES = /["\\\u0000-\u001f]/

/** A text as a JSON string. */
export function quoteJson(text: string): string {
  return NEEDS_ESCAPES.test(text) ? JSON.stringify(text) : `"${text}"`
}

export function isJsonArray(node: JsonNode): node is readonly JsonNode[] {
  return Array.isArray(node)
}

export function isJsonObject(node: JsonNode): node is ReadonlyMap<string, JsonNode> {
  return node instanceof Map
}

/** `null`, `boolean`, `string`, `number`, `array`, `object`. */
export function jsonTypeName(node: JsonNode): string {
  if (node === null) return 'null'
  if (typeof node !== 'object') return typeof node
  if (node instanceof Numeric) return 'number'
  return isJsonArray(node) ? 'array' : 'object'
}
