import { didYouMean } from '../errors/suggest.js'
import type { Container, Field, GroupField, LeafField, ParseContext } from './field.js'
import type { Layer } from './layer.js'
import { isTable, keysOf, type Table } from './lookup.js'
import { toLoose } from './names.js'
import type { Problem } from './problems.js'
import type { NamedField, Section, SectionRecord, SectionUnion } from './section.js'

/** What one layer holds at one path. */
interface Given {
  readonly layer: Layer
  readonly raw: unknown
  /** As spelt in the layer. */
  readonly path: readonly string[]
  /** Given in code under the TypeScript name. */
  readonly native: boolean
}

type GivenTable = Given & { readonly raw: Table }

/** One value in effect. */
export interface ConfigEntry {
  /** Dotted file keys. */
  readonly path: string
  /** Secrets print as `***`. */
  readonly value: unknown
  /** `default`, `file <path>:<line>`, `env <NAME>`, `flag --<name>` or `code`. */
  readonly origin: string
}

const DEPTH_MAX = 32
const ENTRY_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/

/**
 * Reads a schema out of layers in one pass, lowest precedence first.
 *
 * Invariants:
 * 1. Each layer's keys are checked, also where a higher layer decides the value.
 * 2. A value is parsed once, from the highest layer that gives it.
 * 3. A problem leaves `undefined` in the result, which the caller then throws away.
 */
export class Reader {
  readonly problems: Problem[]
  readonly entries: ConfigEntry[] = []
  readonly #context: Omit<ParseContext, 'text' | 'native'>

  constructor(problems: Problem[], context: Omit<ParseContext, 'text' | 'native'>) {
    this.problems = problems
    this.#context = context
  }

  read(schema: Section | SectionUnion, layers: readonly Layer[]): unknown {
    const given = layers.map((layer) => ({ layer, raw: layer.tree, path: [], native: false }))
    return this.#container(schema, given, [])
  }

  #container(container: Container, given: readonly Given[], path: readonly string[]): unknown {
    if (path.length > DEPTH_MAX) {
      this.#refuse(path, `must not be nested more than ${DEPTH_MAX} deep`, given[0], true)
      return undefined
    }
    const tables = given.filter((one): one is GivenTable => this.#isTable(one, path))
    if (tables.length < given.length) return undefined
    if (container.kind === 'section') return this.#section(container, tables, path, [])
    return container.kind === 'union'
      ? this.#union(container, tables, path)
      : this.#record(container, tables, path)
  }

  #isTable(one: Given, path: readonly string[]): boolean {
    if (isTable(one.raw)) return true
    this.#refuse(path, 'must be a table of keys', one, true)
    return false
  }

  #section(
    container: Section,
    tables: readonly GivenTable[],
    path: readonly string[],
    otherKeys: string[],
  ): unknown {
    const problemsBefore = this.problems.length
    for (const table of tables) this.#refuseUnknownKeys(container, table, path, otherKeys)
    const value: Record<string, unknown> = {}
    for (const entry of container.fields) {
      const given = tables.flatMap((table) => this.#givenFor(entry, table, path))
      const parsed = this.#field(entry.field, given, [...path, entry.key])
      if (parsed !== undefined) value[entry.name] = parsed
    }
    const message = this.problems.length === problemsBefore ? container.check?.(value) : undefined
    if (message !== undefined) this.problems.push({ path: path.join('.') || 'configuration', message })
    return value
  }

  #refuseUnknownKeys(
    container: Section,
    table: GivenTable,
    path: readonly string[],
    otherKeys: string[],
  ): void {
    const { inCode } = table.layer
    const known = new Set([
      ...otherKeys,
      ...container.fields.flatMap((entry) => keysOf(entry, table.raw, inCode)),
    ])
    const spellings = [...otherKeys, ...container.fields.map((entry) => (inCode ? entry.name : entry.key))]
    for (const key of Object.keys(table.raw)) {
      if (known.has(key) || table.raw[key] === undefined) continue
      const message = `is no known key${didYouMean(key, spellings) || `; known are ${spellings.join(', ')}`}`
      const origin = table.layer.origin([...table.path, key])
      this.problems.push({ path: [...path, key].join('.'), message, origin, unknownKey: true })
    }
  }

  #givenFor(entry: NamedField, table: GivenTable, path: readonly string[]): Given[] {
    const { layer } = table
    const [key, second] = keysOf(entry, table.raw, layer.inCode)
    if (key === undefined) return []
    const given = {
      layer,
      raw: table.raw[key],
      path: [...table.path, key],
      native: layer.inCode && key === entry.name,
    }
    if (second !== undefined) {
      const origin = layer.origin([...table.path, second])
      const message = `is given twice, as "${key}" and as "${second}"`
      this.problems.push({ path: [...path, entry.key].join('.'), message, origin })
    }
    return [given]
  }

  #field(field: Field, given: readonly Given[], path: readonly string[]): unknown {
    return field.kind === 'leaf' ? this.#leaf(field, given.at(-1), path) : this.#group(field, given, path)
  }

  #group(field: GroupField, given: readonly Given[], path: readonly string[]): unknown {
    return field.optional && given.length === 0 ? undefined : this.#container(field.container(), given, path)
  }

  #leaf(field: LeafField, given: Given | undefined, path: readonly string[]): unknown {
    if (given === undefined) return this.#absent(field, path)
    const parsed = field.leaf.parse(given.raw, {
      ...this.#context,
      text: given.layer.text,
      native: given.native,
    })
    if (!parsed.ok) {
      this.#refuse(path, parsed.message, given, field.leaf.secret)
      return undefined
    }
    this.entries.push({ path: path.join('.'), value: parsed.value, origin: given.layer.origin(given.path) })
    return parsed.value
  }

  #absent(field: LeafField, path: readonly string[]): unknown {
    if (field.default !== undefined) {
      this.entries.push({ path: path.join('.'), value: field.default, origin: 'default' })
    } else if (!field.optional) {
      this.problems.push({ path: path.join('.'), message: `is required: ${field.leaf.type}` })
    }
    return field.default
  }

  /** A layer that names another variant than the layers below it starts afresh: their keys are not its keys. */
  #union(container: SectionUnion, tables: readonly GivenTable[], path: readonly string[]): unknown {
    const { key } = container
    let variant: { name: string; origin: string } | undefined
    let counting: GivenTable[] = []
    for (const table of tables) {
      const word = table.raw[key]
      const name = word === undefined ? variant?.name : this.#variantName(container, word, table, path)
      if (word !== undefined && name === undefined) return undefined
      if (name !== undefined && variant !== undefined && name !== variant.name) counting = []
      if (word !== undefined && name !== undefined)
        variant = { name, origin: table.layer.origin([...table.path, key]) }
      counting.push(table)
    }
    const { name, origin } = variant ?? this.#impliedVariant(container, path)
    const section = name === undefined ? undefined : container.variants.get(name)
    if (section === undefined) {
      this.problems.push({
        path: [...path, key].join('.'),
        message: `is required: one of ${quoted(container)}`,
      })
      return undefined
    }
    this.entries.push({ path: [...path, key].join('.'), value: name, origin })
    const value = this.#section(section, counting, path, [key])
    return { [key]: name, ...(value as object) }
  }

  #variantName(
    container: SectionUnion,
    word: unknown,
    table: Given,
    path: readonly string[],
  ): string | undefined {
    const name = typeof word === 'string' ? container.words.get(toLoose(word)) : undefined
    if (name === undefined) {
      const hint = typeof word === 'string' ? didYouMean(word, container.variants.keys()) : ''
      const key = { ...table, raw: word, path: [...table.path, container.key] }
      this.#refuse([...path, container.key], `must be one of ${quoted(container)}${hint}`, key)
    }
    return name
  }

  /** Without a word, an entry called `rocksdb` is one; failing that, the union's default counts. */
  #impliedVariant(
    container: SectionUnion,
    path: readonly string[],
  ): { name: string | undefined; origin: string } {
    const entryName = path.at(-1)
    const fromName = entryName === undefined ? undefined : container.words.get(toLoose(entryName))
    return { name: fromName ?? container.default, origin: 'default' }
  }

  #record(container: SectionRecord, tables: readonly GivenTable[], path: readonly string[]): unknown {
    const names = new Set(
      tables.flatMap((table) => Object.keys(table.raw).filter((key) => table.raw[key] !== undefined)),
    )
    const value: Record<string, unknown> = {}
    for (const name of names) {
      const given = tables
        .filter((table) => Object.hasOwn(table.raw, name) && table.raw[name] !== undefined)
        .map((table) => ({ ...table, raw: table.raw[name], path: [...table.path, name], native: false }))
      const inner = [...path, name]
      if (ENTRY_NAME.test(name)) value[name] = this.#container(container.item(), given, inner)
      else this.#refuse(inner, 'must be named with letters, digits, "_" and "-"', given[0], true)
    }
    return value
  }

  #refuse(path: readonly string[], message: string, given: Given | undefined, hidden = false): void {
    const shown = hidden ? undefined : printable(given?.raw)
    this.problems.push({
      path: path.join('.'),
      message,
      ...(given === undefined ? {} : { origin: given.layer.origin(given.path) }),
      ...(shown === undefined ? {} : { value: shown }),
    })
  }
}

const SHOWN_LENGTH_MAX = 100

/** The value as an error may show it: short, and only when it is a single one. */
function printable(raw: unknown): unknown {
  if (typeof raw === 'string' && raw !== '') {
    return raw.length > SHOWN_LENGTH_MAX ? `${raw.slice(0, SHOWN_LENGTH_MAX)}…` : raw
  }
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : String(raw)
  return typeof raw === 'boolean' ? raw : undefined
}

function quoted(container: SectionUnion): string {
  return [...container.variants.keys()].map((name) => JSON.stringify(name)).join(', ')
}
