import { parse as parseToml, TomlError } from 'smol-toml'
import type { Layer } from './layer.js'
import type { Problem } from './problems.js'

export interface ConfigFile {
  /** Named in messages and origins; its extension, `.toml` or `.json`, chooses the format. */
  readonly path: string
  readonly text: string
}

/**
 * The layer of a TOML or JSON file; undefined, with a problem, when it cannot be read. No part of the text goes into a
 * message: the line at fault may hold a secret.
 */
export function fileLayer(file: ConfigFile, problems: Problem[]): Layer | undefined {
  const layer = read(file)
  if (typeof layer !== 'string') return layer
  problems.push({ path: file.path, message: layer })
  return undefined
}

/** The layer, or what is wrong with the file. */
function read(file: ConfigFile): Layer | string {
  if (/\.toml$/i.test(file.path)) return tomlLayer(file)
  if (/\.json$/i.test(file.path)) return jsonLayer(file)
  return 'must be a file with the extension .toml or .json'
}

function tomlLayer(file: ConfigFile): Layer | string {
  let tree: unknown
  try {
    tree = parseToml(file.text, { unsafeKeyBehaviour: 'throw' })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const reason = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '')
    return `is not valid TOML at line ${error.line}, column ${error.column}: ${reason}`
  }
  const lines = tomlLines(file.text)
  const origin = (path: readonly string[]): string => {
    for (let depth = path.length; depth > 0; depth--) {
      const line = lines.get(path.slice(0, depth).join('.'))
      if (line !== undefined) return `file ${file.path}:${line}`
    }
    return `file ${file.path}`
  }
  return { tree, text: false, inCode: false, origin }
}

function jsonLayer(file: ConfigFile): Layer | string {
  let tree: unknown
  try {
    tree = JSON.parse(file.text)
  } catch (error) {
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const where =
      position === undefined ? '' : ` at line ${file.text.slice(0, Number(position)).split('\n').length}`
    return `is not valid JSON${where}`
  }
  return { tree, text: false, inCode: false, origin: () => `file ${file.path}` }
}

/** Line by dotted path, read off the table headers and keys: good enough to point at, not a parser. */
function tomlLines(text: string): Map<string, number> {
  const lines = new Map<string, number>()
  let table: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[+([^\]]+)\]/.exec(line)?.[1]
    const key = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line)?.[1]
    if (header !== undefined) table = keyParts(header)
    const path = header !== undefined ? table : key !== undefined ? [...table, ...keyParts(key)] : undefined
    if (path !== undefined && !lines.has(path.join('.'))) lines.set(path.join('.'), index + 1)
  }
  return lines
}

function keyParts(text: string): string[] {
  return (text.match(/"[^"]*"|'[^']*'|[\w-]+/g) ?? []).map((part) => part.replace(/^(["'])(.*)\1$/, '$2'))
}
