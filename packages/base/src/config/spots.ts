import type { Container, LeafField } from './field.js'
import { childOf, isTable } from './lookup.js'
import { toSnake, toUpperSnake } from './names.js'
import type { NamedField, Section, SectionRecord, SectionUnion } from './section.js'

/** One place of a schema that a value can be given for, with the names it goes by outside files. */
export interface Spot {
  readonly path: readonly string[]
  readonly env: string
  readonly flag: string
  /** Absent for the key that tells the variants of a union apart. */
  readonly field: LeafField | undefined
  readonly union: SectionUnion | undefined
  /** `type = "rocksdb"`, for a field that only this variant has. */
  readonly when: string | undefined
  /** The names come from an alias. */
  readonly alias: boolean
}

export interface Walk {
  readonly envPrefix: string
  /** The names of a record's entries; `at` stands at the record. */
  entryNames(record: SectionRecord, at: Place): readonly string[]
  /** Called for each group below the top with the start of its environment variables. */
  group?(envStart: string): void
}

/** Where the walk stands. */
export interface Place {
  readonly path: readonly string[]
  /** Upper snake words, without the prefix. */
  readonly words: readonly string[]
  /** What the layers hold here. */
  readonly raws: readonly unknown[]
  readonly when: string | undefined
  readonly alias: boolean
  readonly above: readonly Container[]
}

export const top = (raws: readonly unknown[] = []): Place => ({
  path: [],
  words: [],
  raws,
  when: undefined,
  alias: false,
  above: [],
})

/** How often a schema that contains itself is entered where the layers hold nothing, and at most. */
const SELF_EMPTY_MAX = 1
const SELF_MAX = 16

/** Every spot below `container`. */
export function* spotsOf(container: Container, walk: Walk, at: Place = top()): Generator<Spot> {
  const timesAbove = at.above.filter((above) => above === container).length
  if (timesAbove > (at.raws.some((raw) => raw !== undefined) ? SELF_MAX : SELF_EMPTY_MAX)) return
  const inside: Place = { ...at, above: [...at.above, container] }
  if (at.words.length > 0) walk.group?.(`${walk.envPrefix}${at.words.join('_')}_`)
  if (container.kind === 'section') yield* sectionSpots(container, walk, inside)
  else if (container.kind === 'union') yield* unionSpots(container, walk, inside)
  else yield* recordSpots(container, walk, inside)
}

function* sectionSpots(container: Section, walk: Walk, at: Place): Generator<Spot> {
  for (const entry of container.fields) {
    const raws = at.raws.map((raw) => childOf(entry, raw))
    yield* fieldSpots(entry, entry.key, walk, { ...at, raws })
    for (const alias of entry.aliases) yield* fieldSpots(entry, alias, walk, { ...at, raws, alias: true })
  }
}

function* fieldSpots(entry: NamedField, spelling: string, walk: Walk, at: Place): Generator<Spot> {
  const { field } = entry
  const path = [...at.path, entry.key]
  if (field.kind === 'leaf') {
    yield leafSpot(field, path, [...at.words, toUpperSnake(spelling)], walk, at)
    return
  }
  const container = field.container()
  const flat = container.kind === 'record' && container.flat
  yield* spotsOf(container, walk, {
    ...at,
    path,
    words: flat ? at.words : [...at.words, toUpperSnake(spelling)],
  })
}

function leafSpot(field: LeafField, path: string[], words: string[], walk: Walk, at: Place): Spot {
  return {
    path,
    env: (at.alias ? undefined : field.options.env) ?? walk.envPrefix + words.join('_'),
    flag: (at.alias ? undefined : field.options.flag) ?? flagOf(words),
    field,
    union: undefined,
    when: at.when,
    alias: at.alias,
  }
}

const flagOf = (words: readonly string[]): string => words.join('-').toLowerCase().replaceAll('_', '-')

function* unionSpots(container: SectionUnion, walk: Walk, at: Place): Generator<Spot> {
  const words = [...at.words, toUpperSnake(container.key)]
  yield {
    path: [...at.path, container.key],
    env: walk.envPrefix + words.join('_'),
    flag: flagOf(words),
    field: undefined,
    union: container,
    when: at.when,
    alias: at.alias,
  }
  for (const [name, variant] of container.variants) {
    yield* spotsOf(
      variant,
      { ...walk, group: () => undefined },
      { ...at, when: `${container.key} = ${JSON.stringify(name)}` },
    )
  }
}

function* recordSpots(container: SectionRecord, walk: Walk, at: Place): Generator<Spot> {
  for (const name of walk.entryNames(container, at)) {
    const raws = at.raws.map((raw) => (isTable(raw) && Object.hasOwn(raw, name) ? raw[name] : undefined))
    const word = name.startsWith('<') ? name.toUpperCase() : toUpperSnake(name)
    yield* spotsOf(container.item(), walk, {
      ...at,
      path: [...at.path, name],
      words: [...at.words, word],
      raws,
    })
  }
}

/**
 * The names of a record's entries: those that the layers hold, in a flat record those of the variants, and those that
 * `given` (upper snake words of variables or flags, without prefix) spells out: `PROVIDERS_MAIN_DATA_DIR` is `main`.
 */
export function namesOfEntries(container: SectionRecord, at: Place, given: readonly string[]): string[] {
  const names = new Map<string, string>()
  const add = (name: string): void => {
    const word = toUpperSnake(name)
    if (!names.has(word)) names.set(word, name)
  }
  for (const raw of at.raws) if (isTable(raw)) Object.keys(raw).forEach(add)
  const item = container.item()
  if (container.flat && item.kind === 'union') [...item.variants.keys()].map(toSnake).forEach(add)
  if (!container.flat) spelledNames(item, at, given, [...names.keys()]).forEach(add)
  return [...names.values()]
}

function spelledNames(
  item: Section | SectionUnion,
  at: Place,
  given: readonly string[],
  known: readonly string[],
): string[] {
  const start = at.words.length === 0 ? '' : `${at.words.join('_')}_`
  const rests = given
    .filter((words) => words.startsWith(start))
    .map((words) => words.slice(start.length))
    .filter((rest) => !known.some((word) => rest.startsWith(`${word}_`)))
  if (rests.length === 0) return []
  const walk: Walk = { envPrefix: '', entryNames: () => [] }
  const ends = [...spotsOf(item, walk)].map((spot) => `_${spot.env}`).sort((a, b) => b.length - a.length)
  return rests.flatMap((rest) => {
    const end = ends.find((candidate) => rest.endsWith(candidate) && rest.length > candidate.length)
    return end === undefined ? [] : [rest.slice(0, -end.length).toLowerCase()]
  })
}
