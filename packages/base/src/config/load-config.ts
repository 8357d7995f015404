import { readFileSync } from 'node:fs'
import type { InputOf, ValueOf } from './field.js'
import { fileLayer, type ConfigFile } from './file-layer.js'
import { codeLayer, envLayer, flagLayer, type Environment, type Layer } from './layer.js'
import { configError, type Problem } from './problems.js'
import { Reader, type ConfigEntry } from './reader.js'
import type { Section, SectionUnion } from './section.js'

export interface ConfigSources<S extends Section | SectionUnion> {
  readonly file?: ConfigFile
  readonly env?: Environment
  /** By name without dashes in front. */
  readonly flags?: Readonly<Record<string, unknown>>
  readonly code?: InputOf<S>
  /** Environment variables that start like a section's and are none of Orbit's. */
  readonly envAllowed?: readonly (string | RegExp)[]
  /** Default `ORBIT_`. */
  readonly envPrefix?: string
  /** Reads the file of a secret; default: from the file system, as UTF-8. */
  readonly readTextFile?: (path: string) => string
}

export interface LoadedConfig<Value> {
  readonly value: Value
  /** By dotted path: `default`, `file <path>:<line>`, `env <NAME>`, `flag --<name>` or `code`. */
  readonly origins: ReadonlyMap<string, string>
  /** Every value in effect, in the order of the schema. */
  readonly entries: readonly ConfigEntry[]
}

/**
 * The configuration in effect: defaults, then the file, the environment, flags and code, each overriding the ones
 * before it value by value. Everything that is wrong is reported at once.
 *
 * Errors: `CONFIG_UNKNOWN_KEY`, `CONFIG_INVALID`, with `details.problems`.
 */
export function loadConfig<S extends Section | SectionUnion>(
  schema: S,
  sources: ConfigSources<S> = {},
): LoadedConfig<ValueOf<S>> {
  const problems: Problem[] = []
  const env = sources.env ?? {}
  const file = sources.file === undefined ? undefined : fileLayer(sources.file, problems)
  const code = sources.code === undefined ? undefined : codeLayer(sources.code)
  const raws = [file?.tree, code?.tree]
  const prefix = sources.envPrefix ?? 'ORBIT_'
  const layers: (Layer | undefined)[] = [
    file,
    envLayer(schema, env, { prefix, allowed: sources.envAllowed ?? [], raws, problems }),
    flagLayer(schema, sources.flags ?? {}, { raws, problems }),
    code,
  ]
  const reader = new Reader(problems, {
    env,
    readTextFile: sources.readTextFile ?? ((path) => readFileSync(path, 'utf8')),
  })
  const value = reader.read(
    schema,
    layers.filter((layer) => layer !== undefined),
  )
  if (problems.length > 0) throw configError(problems)
  const origins = new Map(reader.entries.map((entry) => [entry.path, entry.origin]))
  return { value: value as ValueOf<S>, origins, entries: reader.entries }
}

/** The options of one section as a program gives them, checked and with defaults. Errors as {@link loadConfig}. */
export function configFromCode<S extends Section | SectionUnion>(schema: S, input: InputOf<S>): ValueOf<S> {
  return loadConfig(schema, { code: input }).value
}
