import { didYouMean } from '../errors/suggest.js'
import { toUpperSnake } from './names.js'
import type { Problem } from './problems.js'
import { namesOfEntries, spotsOf, top, type Spot, type Walk } from './spots.js'
import type { Section, SectionUnion } from './section.js'

/** One source of values, as a tree of tables. */
export interface Layer {
  readonly tree: unknown
  /** Values are text of environment variables or flags. */
  readonly text: boolean
  /** Keys may be the TypeScript names. */
  readonly inCode: boolean
  /** Where the value at this path, spelt as in the tree, came from. */
  origin(path: readonly string[]): string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Variables that Kubernetes sets for every service, which may well be called orbit. */
const SERVICE_LINKS = [/_SERVICE_(HOST|PORT)(_\w+)?$/, /_PORT_\d+_(TCP|UDP)(_\w+)?$/]

export function codeLayer(tree: unknown): Layer {
  return { tree, text: false, inCode: true, origin: () => 'code' }
}

/**
 * The layer of the variables that start with `prefix`. A variable with no text counts as not given. One that begins
 * like a section's but is none of its keys is a problem unless `allowed` names or matches it, or a secret of another layer names it as `{ env = "…" }`.
 */
export function envLayer(
  schema: Section | SectionUnion,
  env: Environment,
  options: {
    prefix: string
    allowed: readonly (string | RegExp)[]
    raws: readonly unknown[]
    problems: Problem[]
  },
): Layer {
  const { prefix, problems, raws } = options
  const allowed = [...SERVICE_LINKS, ...options.allowed, ...variablesOfSecrets(raws)]
  const given = Object.keys(env).filter((name) => env[name] !== undefined && env[name] !== '')
  const groups = new Set<string>()
  const spots = spotsByName(schema, 'env', {
    prefix,
    given: given.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
    raws,
    group: (start) => groups.add(start),
  })
  const builder = new TreeBuilder(problems)
  for (const name of given.sort()) {
    const spot = spots.get(name)
    if (spot !== undefined) builder.set(spot.path, env[name], `env ${name}`)
    else if ([...groups].some((start) => name.startsWith(start)) && !isAllowed(name, allowed)) {
      const message = `is no environment variable of Orbit${didYouMean(name, spots.keys())}`
      problems.push({ path: name, message, unknownKey: true })
    }
  }
  return builder.layer()
}

function isAllowed(name: string, allowed: readonly (string | RegExp)[]): boolean {
  return allowed.some((rule) => (typeof rule === 'string' ? rule === name : rule.test(name)))
}

/** Every NAME in a `{ env = "NAME" }`. */
function variablesOfSecrets(raws: readonly unknown[]): string[] {
  const names: string[] = []
  const waiting: unknown[] = [...raws]
  const seen = new Set<unknown>()
  while (waiting.length > 0) {
    const raw = waiting.pop()
    if (typeof raw !== 'object' || raw === null || seen.has(raw)) continue
    seen.add(raw)
    if ('env' in raw && typeof raw.env === 'string') names.push(raw.env)
    waiting.push(...(Object.values(raw) as unknown[]))
  }
  return names
}

/** The layer of command-line flags, keyed by name without dashes in front; `data-dir` and `dataDir` are the same. */
export function flagLayer(
  schema: Section | SectionUnion,
  flags: Readonly<Record<string, unknown>>,
  options: { raws: readonly unknown[]; problems: Problem[] },
): Layer {
  const given = Object.keys(flags).filter((name) => flags[name] !== undefined)
  const spots = spotsByName(schema, 'flag', {
    prefix: '',
    given: given.map(toUpperSnake),
    raws: options.raws,
  })
  const byWords = new Map([...spots].map(([flag, spot]) => [toUpperSnake(flag), { flag, spot }]))
  const builder = new TreeBuilder(options.problems)
  for (const name of given) {
    const found = byWords.get(toUpperSnake(name))
    if (found !== undefined) builder.set(found.spot.path, flags[name], `flag --${found.flag}`)
    else {
      const message = `is no flag of Orbit${didYouMean(
        `--${toUpperSnake(name).toLowerCase().replaceAll('_', '-')}`,
        [...spots.keys()].map((flag) => `--${flag}`),
      )}`
      options.problems.push({ path: `--${name}`, message, unknownKey: true })
    }
  }
  return builder.layer()
}

function spotsByName(
  schema: Section | SectionUnion,
  names: 'env' | 'flag',
  options: {
    prefix: string
    given: readonly string[]
    raws: readonly unknown[]
    group?: (start: string) => void
  },
): Map<string, Spot> {
  const walk: Walk = {
    envPrefix: options.prefix,
    entryNames: (container, at) => namesOfEntries(container, at, options.given),
    ...(options.group === undefined ? {} : { group: options.group }),
  }
  const found = new Map<string, Spot>()
  for (const spot of spotsOf(schema, walk, top(options.raws))) {
    if (!found.has(spot[names])) found.set(spot[names], spot)
  }
  return found
}

/** Builds a tree from single values, and remembers where each came from. */
class TreeBuilder {
  readonly #tree: Record<string, unknown> = {}
  readonly #origins = new Map<string, string>()
  readonly #problems: Problem[]

  constructor(problems: Problem[]) {
    this.#problems = problems
  }

  set(path: readonly string[], value: unknown, origin: string): void {
    const earlier = this.#origins.get(path.join('.'))
    if (earlier !== undefined) {
      this.#problems.push({ path: path.join('.'), message: `is given twice, by ${earlier} and ${origin}` })
      return
    }
    this.#origins.set(path.join('.'), origin)
    let table = this.#tree
    for (const key of path.slice(0, -1)) table = tableAt(table, key)
    const last = path.at(-1)
    if (last !== undefined) table[last] = value
  }

  layer(): Layer {
    const origins = this.#origins
    return {
      tree: this.#tree,
      text: true,
      inCode: false,
      origin: (path) => origins.get(path.join('.')) ?? originBelow(origins, path.join('.')),
    }
  }
}

function tableAt(table: Record<string, unknown>, key: string): Record<string, unknown> {
  const inner = (table[key] ?? {}) as Record<string, unknown>
  table[key] = inner
  return inner
}

/** A table of this layer came from whichever value is in it. */
function originBelow(origins: ReadonlyMap<string, string>, path: string): string {
  for (const [inner, origin] of origins) if (inner.startsWith(`${path}.`)) return origin
  return 'env'
}
