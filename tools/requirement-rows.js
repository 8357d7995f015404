// @ts-check

/**
 * The claims of `docs/requirements.md`. A row's last cell names what gives a capability: code spans are names that must
 * occur in one of the source files that the cell links to, or paths. In one with *not yet* paths must not exist.
 *
 * @typedef {{ line: number, text: string, files: string[] }} Claim `files`: paths of linked sources, from the root
 */

const NOT_YET = /[*_]not yet[*_]/
const PATH = /^(packages|deploy|sim|bench|integration)(\/|$)/

/**
 * @param {readonly string[]} lines
 * @param {(label: string) => string | undefined} resolve the path, from the root, of the file that a link label names
 * @returns {Claim[]}
 */
export function readClaims(lines, resolve) {
  return lines.flatMap((text, index) => {
    if (!text.startsWith('|') || /^\|[\s|:-]+$/.test(text)) return []
    const cell = (text.match(/(?:\\\||[^|])+/g) ?? []).at(-1)?.trim() ?? ''
    const files = [...cell.matchAll(/\[([^\]]+)\](?!\()/g)].flatMap(([, label]) => resolve(label ?? '') ?? [])
    return [{ line: index + 1, text: cell, files }]
  })
}

/**
 * What is wrong with a claim.
 * @param {Claim} claim
 * @param {{ read: (path: string) => string, exists: (path: string) => boolean }} tree paths from the root
 * @returns {string[]}
 */
export function claimProblems({ text, files }, { read, exists }) {
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? '')
  const paths = spans.filter((span) => PATH.test(span))
  const names = spans
    .filter((span) => !PATH.test(span))
    .flatMap((span) => span.match(/[A-Za-z_$][\w$]*/g) ?? [])
  const isOpen = NOT_YET.test(text)
  const stale = isOpen ? paths.filter((path) => exists(path)).map((path) => `${path} exists by now`) : []
  const gone = isOpen ? [] : paths.filter((path) => !exists(path)).map((path) => `${path} does not exist`)
  if (names.length > 0 && files.length === 0)
    return [...stale, ...gone, `no file is linked for ${names.join(', ')}`]
  const source = files.map(read).join('\n')
  const absent = names.filter(
    (name) => !new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(source),
  )
  return [...stale, ...gone, ...absent.map((name) => `${name} is not in ${files.join(', ')}`)]
}
