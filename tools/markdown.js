// @ts-check

/**
 * As much of Markdown as the checks of the documentation need: fenced blocks, headings, links.
 *
 * @typedef {{ lang: string, text: string, line: number, heading: string }} Block
 *   a fenced block; `line` is that of its fence, `heading` the anchor of the heading above it
 * @typedef {{ target: string, line: number }} Link
 * @typedef {{ blocks: Block[], links: Link[], anchors: Set<string>, undefinedLabels: Link[], lines: string[] }} Markdown
 *   `lines` are those of the file, empty where a fenced block is
 */

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/

/** @param {string} text @returns {Markdown} */
export function parseMarkdown(text) {
  const { blocks, lines, anchors } = readBlocks(text.split('\n'))
  const definitions = readDefinitions(lines)
  const { links, undefinedLabels } = readLinks(lines, definitions)
  return { blocks, links, anchors, undefinedLabels, lines }
}

/** @param {readonly string[]} source */
function readBlocks(source) {
  /** @type {Block[]} */
  const blocks = []
  /** @type {string[]} */
  const lines = []
  const slugs = new Slugs()
  let heading = ''
  for (let at = 0; at < source.length; at++) {
    const line = source[at] ?? ''
    const fence = FENCE.exec(line)
    if (fence === null) {
      const title = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
      if (title !== undefined) heading = slugs.add(title)
      lines.push(line)
      continue
    }
    const end = findFenceEnd(source, at, fence[1] ?? '```')
    const lang = (fence[2] ?? '').trim()
    blocks.push({ lang, text: source.slice(at + 1, end).join('\n'), line: at + 1, heading })
    for (let skipped = at; skipped <= end && skipped < source.length; skipped++) lines.push('')
    at = end
  }
  return { blocks, lines, anchors: slugs.all }
}

/** @param {readonly string[]} source @param {number} start @param {string} fence */
function findFenceEnd(source, start, fence) {
  for (let at = start + 1; at < source.length; at++) {
    const line = (source[at] ?? '').trim()
    if (line.startsWith(fence) && line.replaceAll(fence[0] ?? '`', '') === '') return at
  }
  return source.length
}

/** The anchors that GitHub gives to headings. */
class Slugs {
  /** @type {Set<string>} */
  all = new Set()

  /** @param {string} title */
  add(title) {
    const plain = title.replaceAll(/!?\[([^\]]*)\](\([^)]*\))?/g, '$1').replaceAll(/[`*]/g, '')
    const slug = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    let unique = slug
    for (let count = 1; this.all.has(unique); count++) unique = `${slug}-${count}`
    this.all.add(unique)
    return unique
  }
}

const DEFINITION = /^ {0,3}\[([^\]]+)\]:\s*(\S+)/

/** @param {readonly string[]} lines */
function readDefinitions(lines) {
  const found = lines.flatMap((line) => {
    const [, label, target] = DEFINITION.exec(line) ?? []
    return label === undefined || target === undefined
      ? []
      : [/** @type {const} */ ([label.toLowerCase(), target])]
  })
  return new Map(found)
}

/**
 * Links with a target, and labels in brackets that look like a path but have no definition: those a reader would see
 * as plain text.
 * @param {readonly string[]} lines
 * @param {ReadonlyMap<string, string>} definitions
 */
function readLinks(lines, definitions) {
  /** @type {Link[]} */
  const links = []
  /** @type {Link[]} */
  const undefinedLabels = []
  for (const [index, line] of lines.entries()) {
    if (DEFINITION.test(line)) continue
    const text = line.replaceAll(/(`+).*?\1/g, '')
    for (const match of text.matchAll(/\[([^\]]*)\](?:\(([^()\s]*)(?:\s[^)]*)?\)|\[([^\]]*)\])?/g)) {
      const [, label = '', inline, reference] = match
      const name = reference === undefined || reference === '' ? label : reference
      const target = inline ?? definitions.get(name.toLowerCase())
      if (target !== undefined) links.push({ target, line: index + 1 })
      else if (reference !== undefined || label.includes('/')) {
        undefinedLabels.push({ target: name, line: index + 1 })
      }
    }
  }
  return { links, undefinedLabels }
}
