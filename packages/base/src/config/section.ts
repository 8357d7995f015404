import { OrbitError } from '../errors/orbit-error.js'
import type { Field, FieldOptions, GroupField, InputOf, IsOptional, Typed, ValueOf } from './field.js'
import { toLoose, toSnake } from './names.js'

export type Fields = Readonly<Record<string, Field>>

type Simplify<T> = { [K in keyof T]: T[K] }
type OptionalNames<F extends Fields> = { [K in keyof F]: F[K]['optional'] extends true ? K : never }[keyof F]

export type FieldsValue<F extends Fields> = Simplify<
  { readonly [K in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[K]> } & {
    readonly [K in OptionalNames<F>]?: ValueOf<F[K]>
  }
>

export type FieldsInput<F extends Fields> = { readonly [K in keyof F]?: InputOf<F[K]> | undefined }

/** The parsed type of a section or union. */
export type SectionValue<S extends Section | SectionUnion> = ValueOf<S>

/** What a program may pass for a section or union. */
export type SectionInput<S extends Section | SectionUnion> = InputOf<S>

/** A field with the names it goes by. */
export interface NamedField {
  /** In TypeScript. */
  readonly name: string
  /** In files. */
  readonly key: string
  readonly aliases: readonly string[]
  readonly field: Field
}

/** A group of named fields. */
export interface Section<Value = unknown, Input = unknown> extends Typed<Value, Input> {
  readonly kind: 'section'
  readonly fields: readonly NamedField[]
  readonly doc: string
  readonly check: ((value: unknown) => string | undefined) | undefined
}

export interface SectionOptions<Value> {
  readonly doc?: string
  /** A rule over several fields, asked when each of them is valid: returns what is wrong, or undefined. */
  readonly check?: (value: Value) => string | undefined
}

/** One configuration section: names in camelCase, each with its kind. Keys in files are the snake_case of the names. */
export function section<const F extends Fields>(
  fields: F,
  options: SectionOptions<FieldsValue<NoInfer<F>>> = {},
): Section<FieldsValue<F>, FieldsInput<F>> {
  const named = Object.entries(fields).map(([name, field]): NamedField => {
    requireUnitInKey(name, field)
    return { name, key: field.options.key ?? toSnake(name), aliases: field.options.aliases ?? [], field }
  })
  requireDistinctKeys(named)
  const { check } = options
  return {
    kind: 'section',
    fields: named,
    doc: options.doc ?? '',
    check: check === undefined ? undefined : (value) => check(value as FieldsValue<F>),
  }
}

/** A key such as `timeout_ms` for a number of seconds would lie. */
function requireUnitInKey(name: string, field: Field): void {
  if (field.kind !== 'leaf' || field.options.key !== undefined || !name.endsWith('Ms')) return
  if (field.leaf.unit !== undefined && field.leaf.unit !== 'ms') {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `the field "${name}" needs a key without a unit, because its unit is not ms`,
      { name },
    )
  }
}

function requireDistinctKeys(fields: readonly NamedField[]): void {
  const seen = new Set<string>()
  for (const key of fields.flatMap((entry) => [entry.key, ...entry.aliases])) {
    if (seen.has(key))
      throw new OrbitError('INVALID_ARGUMENT', `two fields of a section have the key "${key}"`, { key })
    seen.add(key)
  }
}

/** Sections told apart by the word under one key. */
export interface SectionUnion<Value = unknown, Input = unknown> extends Typed<Value, Input> {
  readonly kind: 'union'
  readonly key: string
  readonly variants: ReadonlyMap<string, Section>
  /** Variant by loose word, aliases included. */
  readonly words: ReadonlyMap<string, string>
  readonly default: string | undefined
}

type Variants = Readonly<Record<string, Section>>

export type UnionValue<K extends string, V extends Variants> = {
  [T in keyof V & string]: Simplify<{ readonly [P in K]: T } & ValueOf<V[T]>>
}[keyof V & string]

export type UnionInput<K extends string, V extends Variants> = {
  [T in keyof V & string]: Simplify<{ readonly [P in K]?: T } & InputOf<V[T]>>
}[keyof V & string]

export interface UnionOptions<T extends string> {
  /** Other words for a variant. */
  readonly aliases?: Readonly<Record<string, T>>
  /** The variant when the key is absent. In a record the entry's own name is tried first. */
  readonly default?: T
}

/**
 * Sections told apart by the word under `key`: `union('type', { rocksdb: …, memory: … })`. Case, `_` and `-` in the
 * word do not matter; the parsed value carries the variant's name as it is written here.
 */
export function union<const K extends string, const V extends Variants>(
  key: K,
  variants: V,
  options: UnionOptions<NoInfer<keyof V & string>> = {},
): SectionUnion<UnionValue<K, V>, UnionInput<K, V>> {
  for (const [name, variant] of Object.entries(variants)) {
    if (variant.fields.some((entry) => entry.key === key || entry.name === key)) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `the variant "${name}" has a field "${key}", which tells the variants apart`,
      )
    }
  }
  const words = new Map<string, string>(Object.keys(variants).map((name) => [toLoose(name), name]))
  for (const [word, name] of Object.entries<string>(options.aliases ?? {})) words.set(toLoose(word), name)
  return { kind: 'union', key, variants: new Map(Object.entries(variants)), words, default: options.default }
}

/** Sections or unions keyed by a name that the user chooses. */
export interface SectionRecord {
  readonly kind: 'record'
  readonly item: () => Section | SectionUnion
  readonly flat: boolean
}

type Lazy<T> = T | (() => T)

const lazily = <T extends object>(value: Lazy<T>): (() => T) =>
  typeof value === 'function' ? value : () => value

/** A section or union inside a section. Pass a function for one that contains itself. */
export function nested<S extends Section | SectionUnion, const O extends FieldOptions>(
  inner: Lazy<S>,
  options?: O,
): GroupField<ValueOf<S>, InputOf<S>, IsOptional<O>> {
  const settings: FieldOptions = options ?? {}
  return {
    kind: 'group',
    options: settings,
    optional: (settings.optional === true) as IsOptional<O>,
    container: lazily(inner),
  }
}

export interface RecordOptions extends Omit<FieldOptions, 'optional'> {
  /**
   * The record's own key is left out of environment variables and flags: `ORBIT_S3_BUCKET` in place of
   * `ORBIT_PROVIDERS_S3_BUCKET`. Such variables reach entries of other layers and, in a record of unions, entries named
   * after a variant.
   */
  readonly flat?: boolean
}

/** Sections or unions keyed by a name that the user chooses, `[providers.<name>]`; empty when there are none. */
export function record<S extends Section | SectionUnion>(
  item: Lazy<S>,
  options: RecordOptions = {},
): GroupField<Readonly<Record<string, ValueOf<S>>>, Readonly<Record<string, InputOf<S>>>, false> {
  const container: SectionRecord = { kind: 'record', item: lazily(item), flat: options.flat === true }
  return { kind: 'group', options, optional: false, container: () => container }
}
