import { OrbitError } from '../errors/orbit-error.js'
import type { Section, SectionUnion, SectionRecord } from './section.js'

declare const VALUE: unique symbol
declare const INPUT: unique symbol

/** Carries the type of a parsed value and of what a program may pass for it; nothing at run time. */
export interface Typed<Value, Input> {
  readonly [VALUE]?: Value
  readonly [INPUT]?: Input
}

/** The parsed type of a field, section or union. */
export type ValueOf<X> = X extends Typed<infer Value, unknown> ? Value : never

/** What a program may pass for a field, section or union: every key may be left out. */
export type InputOf<X> = X extends Typed<unknown, infer Input> ? Input : never

/** What surrounds a value while it is parsed. */
export interface ParseContext {
  /** The value is the text of an environment variable or of a flag. */
  readonly text: boolean
  /** The value stands in a program under the field's TypeScript name, so a number is in the unit of that name. */
  readonly native: boolean
  /** Where `{ env = "NAME" }` looks. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What `{ file = "path" }` reads. */
  readonly readTextFile: (path: string) => string
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }

/** How one kind of single value is parsed and described. */
export interface Leaf<Value = unknown> {
  /** For people: `integer, 1 to 4096 MiB`. */
  readonly type: string
  readonly secret: boolean
  /** Of a duration: what a plain number counts outside code. */
  readonly unit?: string
  parse(raw: unknown, context: ParseContext): Parsed<Value>
  /** The value as it would be written in a TOML file. */
  format(value: Value): string
}

/** What every field may say about itself. */
export interface FieldOptions {
  /** One sentence for the reference. */
  readonly doc?: string
  /** The key in files when it is not the snake_case of the name. */
  readonly key?: string
  /** Earlier keys that are still accepted. */
  readonly aliases?: readonly string[]
  /** The environment variable when it is not `ORBIT_` + section path + key. */
  readonly env?: string
  /** The flag, without dashes in front, when it is not section path + key. */
  readonly flag?: string
  /** The field may be absent; its type then has `?`. */
  readonly optional?: boolean
}

export interface LeafOptions<Value> extends FieldOptions {
  readonly default?: Value
  /** A further rule: returns what is wrong (`must be …`), or undefined. */
  readonly validate?: (value: Value) => string | undefined
}

export interface LeafField<
  Value = unknown,
  Input = unknown,
  Optional extends boolean = boolean,
> extends Typed<Value, Input> {
  readonly kind: 'leaf'
  readonly options: FieldOptions
  readonly optional: Optional
  readonly leaf: Leaf<Value>
  readonly default: Value | undefined
}

export type Container = Section | SectionUnion | SectionRecord

export interface GroupField<
  Value = unknown,
  Input = unknown,
  Optional extends boolean = boolean,
> extends Typed<Value, Input> {
  readonly kind: 'group'
  readonly options: FieldOptions
  readonly optional: Optional
  readonly container: () => Container
}

export type Field = LeafField | GroupField

export type IsOptional<Options> = Options extends { readonly optional: true } ? true : false

/** A field of one value, with `validate` put behind the leaf's own checks. */
export function leafField<Value, Input, Optional extends boolean>(
  leaf: Leaf<Value>,
  options: LeafOptions<Value>,
): LeafField<Value, Input, Optional> {
  const { validate } = options
  const checked: Leaf<Value> =
    validate === undefined
      ? leaf
      : {
          ...leaf,
          parse(raw, context) {
            const parsed = leaf.parse(raw, context)
            if (!parsed.ok) return parsed
            const message = validate(parsed.value)
            return message === undefined ? parsed : refused(message)
          },
        }
  requireValidDefault(checked, options.default)
  return {
    kind: 'leaf',
    options,
    optional: (options.optional === true) as Optional,
    leaf: checked,
    default: options.default,
  }
}

/** A default that its own rules refuse is a mistake in the schema. */
function requireValidDefault<Value>(leaf: Leaf<Value>, fallback: Value | undefined): void {
  if (fallback === undefined) return
  const parsed = leaf.parse(fallback, { text: false, native: true, env: {}, readTextFile: () => '' })
  if (!parsed.ok)
    throw new OrbitError('INVALID_ARGUMENT', `a default ${parsed.message}`, { default: fallback })
}

export function accepted<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function refused(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message }
}
