import { OrbitError } from '../errors/orbit-error.js'
import { didYouMean } from '../errors/suggest.js'
import {
  accepted,
  leafField,
  refused,
  type InputOf,
  type IsOptional,
  type Leaf,
  type LeafField,
  type LeafOptions,
  type ParseContext,
  type Parsed,
  type ValueOf,
} from './field.js'
import { toLoose } from './names.js'
import { Secret } from './secret.js'

export interface StringOptions extends LeafOptions<string> {
  /** An empty string is refused unless this is true. */
  readonly allowEmpty?: boolean
}

/** A string, not empty unless `allowEmpty`. */
export function string<const O extends StringOptions>(options?: O): LeafField<string, string, IsOptional<O>> {
  const settings: StringOptions = options ?? {}
  return leafField(
    {
      type: 'string',
      secret: false,
      parse(raw) {
        if (typeof raw !== 'string') return refused('must be a string')
        return raw === '' && settings.allowEmpty !== true ? refused('must not be empty') : accepted(raw)
      },
      format: (value) => JSON.stringify(value),
    },
    settings,
  )
}

export interface NumberOptions extends LeafOptions<number> {
  readonly min?: number
  readonly max?: number
  /** For people: `MiB`, `bytes`. */
  readonly unit?: string
}

/** A whole number within `min` and `max`. */
export function integer<const O extends NumberOptions>(
  options?: O,
): LeafField<number, number, IsOptional<O>> {
  return numeric('integer', Number.isSafeInteger, options ?? {})
}

/** A finite number within `min` and `max`. */
export function number<const O extends NumberOptions>(options?: O): LeafField<number, number, IsOptional<O>> {
  return numeric('number', Number.isFinite, options ?? {})
}

function numeric<Optional extends boolean>(
  noun: 'integer' | 'number',
  accepts: (value: number) => boolean,
  options: NumberOptions,
): LeafField<number, number, Optional> {
  const { min = -Infinity, max = Infinity } = options
  const range = rangeText(options)
  const must = `must be ${noun === 'integer' ? 'an' : 'a'} ${noun}${range}`
  return leafField(
    {
      type: noun + (range === '' ? '' : `,${range}`),
      secret: false,
      parse(raw, context) {
        const value = context.text && typeof raw === 'string' ? numberFromText(raw) : raw
        if (typeof value !== 'number' || !accepts(value) || value < min || value > max) return refused(must)
        return accepted(value)
      },
      format: String,
    },
    options,
  )
}

function numberFromText(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN
}

function rangeText({ min, max, unit }: NumberOptions): string {
  const suffix = unit === undefined ? '' : ` ${unit}`
  if (min !== undefined && max !== undefined) return ` ${min} to ${max}${suffix}`
  if (min !== undefined) return ` ${min} or more${suffix}`
  if (max !== undefined) return ` ${max} or less${suffix}`
  return suffix === '' ? '' : ` in${suffix}`
}

const TRUE_WORDS = new Set(['true', '1', 'yes', 'on'])
const FALSE_WORDS = new Set(['false', '0', 'no', 'off'])

/** True or false; in environment variables and flags also 1/0, yes/no and on/off. */
export function boolean<const O extends LeafOptions<boolean>>(
  options?: O,
): LeafField<boolean, boolean, IsOptional<O>> {
  const settings: LeafOptions<boolean> = options ?? {}
  return leafField<boolean, boolean, IsOptional<O>>(
    {
      type: 'boolean',
      secret: false,
      parse(raw, context) {
        if (typeof raw === 'boolean') return accepted(raw)
        const word = context.text && typeof raw === 'string' ? raw.trim().toLowerCase() : ''
        if (TRUE_WORDS.has(word)) return accepted(true)
        if (FALSE_WORDS.has(word)) return accepted(false)
        return refused('must be true or false')
      },
      format: String,
    },
    settings,
  )
}

export interface OneOfOptions<T extends string> extends Omit<LeafOptions<T>, 'aliases'> {
  readonly aliases?: readonly string[]
  /** Other words for a value. The words `true` and `false` also stand for the booleans. */
  readonly words?: Readonly<Record<string, T>>
}

/** One of a fixed set of words; case, `_` and `-` do not matter. */
export function oneOf<const T extends string, const O extends OneOfOptions<NoInfer<T>>>(
  values: readonly T[],
  options?: O,
): LeafField<T, T | Capitalize<T> | boolean, IsOptional<O>> {
  const settings: OneOfOptions<T> = options ?? {}
  const byWord = new Map<string, T>(values.map((value) => [toLoose(value), value]))
  for (const [word, value] of Object.entries(settings.words ?? {})) byWord.set(toLoose(word), value)
  const list = values.map((value) => JSON.stringify(value)).join(', ')
  return leafField(
    {
      type: `one of ${list}`,
      secret: false,
      parse(raw) {
        const word = typeof raw === 'boolean' ? String(raw) : raw
        if (typeof word !== 'string') return refused(`must be one of ${list}`)
        const value = byWord.get(toLoose(word))
        return value === undefined
          ? refused(`must be one of ${list}${didYouMean(word, values)}`)
          : accepted(value)
      },
      format: (value) => JSON.stringify(value),
    },
    settings,
  )
}

export type SecretInput = string | Secret | { readonly env: string } | { readonly file: string }

/**
 * A secret: a string, `{ env = "NAME" }` or `{ file = "path" }` (its text without line ends at the end). The value
 * is a {@link Secret}; no message, description or log shows what is in it.
 */
export function secret<const O extends Omit<LeafOptions<Secret>, 'default'>>(
  options?: O,
): LeafField<Secret, SecretInput, IsOptional<O>> {
  return leafField(
    {
      type: 'secret (a string, { env = "NAME" } or { file = "path" })',
      secret: true,
      parse: parseSecret,
      format: (value) => JSON.stringify(value),
    },
    options ?? {},
  )
}

function parseSecret(raw: unknown, context: ParseContext): Parsed<Secret> {
  if (raw instanceof Secret) return accepted(raw)
  if (typeof raw === 'string') return raw === '' ? refused('must not be empty') : accepted(new Secret(raw))
  if (typeof raw === 'object' && raw !== null && Object.keys(raw).length === 1) {
    if ('env' in raw && typeof raw.env === 'string') return secretFromEnv(raw.env, context)
    if ('file' in raw && typeof raw.file === 'string') return secretFromFile(raw.file, context)
  }
  return refused('must be a string, { env = "NAME" } or { file = "path" }')
}

function secretFromEnv(name: string, context: ParseContext): Parsed<Secret> {
  const text = context.env[name]
  return text === undefined || text === ''
    ? refused(`names the environment variable ${name}, which is not set`)
    : accepted(new Secret(text))
}

function secretFromFile(path: string, context: ParseContext): Parsed<Secret> {
  let text: string
  try {
    text = context.readTextFile(path).replace(/[\r\n]+$/, '')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'error'
    return refused(`names the file ${JSON.stringify(path)}, which cannot be read (${reason})`)
  }
  return text === ''
    ? refused(`names the file ${JSON.stringify(path)}, which is empty`)
    : accepted(new Secret(text))
}

export interface ListOptions<T> extends LeafOptions<readonly T[]> {
  readonly itemsMin?: number
  readonly itemsMax?: number
}

/** A list of single values; in environment variables and flags separated by commas, or a JSON array. */
export function list<F extends LeafField, const O extends ListOptions<ValueOf<NoInfer<F>>>>(
  item: F,
  options?: O,
): LeafField<readonly ValueOf<F>[], readonly InputOf<F>[], IsOptional<O>> {
  const settings: ListOptions<ValueOf<F>> = options ?? {}
  const leaf = item.leaf as Leaf<ValueOf<F>>
  const { itemsMin = 0, itemsMax = Infinity } = settings
  if (item.default !== undefined) throw new OrbitError('INVALID_ARGUMENT', 'an item of a list has no default')
  return leafField(
    {
      type: `list of ${leaf.type}`,
      secret: leaf.secret,
      parse(raw, context) {
        const items = context.text && typeof raw === 'string' ? itemsFromText(raw) : raw
        if (!Array.isArray(items)) return refused('must be a list')
        if (items.length < itemsMin)
          return refused(`must have ${itemsMin} items or more, not ${items.length}`)
        if (items.length > itemsMax)
          return refused(`must have ${itemsMax} items or fewer, not ${items.length}`)
        return parseItems(leaf, items, context)
      },
      format: (values) => `[${values.map((value) => leaf.format(value)).join(', ')}]`,
    },
    settings,
  )
}

function itemsFromText(text: string): unknown {
  if (!text.trimStart().startsWith('[')) return text.split(',').map((part) => part.trim())
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseItems<T>(
  leaf: Leaf<T>,
  items: readonly unknown[],
  context: ParseContext,
): Parsed<readonly T[]> {
  const values: T[] = []
  for (const [index, raw] of items.entries()) {
    const parsed = leaf.parse(raw, context)
    if (!parsed.ok) return refused(`item ${index + 1} ${parsed.message}`)
    values.push(parsed.value)
  }
  return accepted(values)
}
