import type { LeafField } from './field.js'
import type { Section, SectionUnion } from './section.js'
import { spotsOf, type Spot } from './spots.js'

/** One configuration key, for the reference and for `config show`. */
export interface SchemaRow {
  /** Dotted file keys; `<name>` stands for a name that the user chooses. */
  readonly path: string
  readonly env: string
  /** With its dashes. */
  readonly flag: string
  readonly type: string
  /** As written in a TOML file; undefined when there is none. */
  readonly default: string | undefined
  readonly required: boolean
  readonly secret: boolean
  readonly doc: string
  /** `type = "rocksdb"`, for a key that only this variant has. */
  readonly when: string | undefined
}

/** Every key of a schema, in its order. */
export function describeSchema(schema: Section | SectionUnion, envPrefix = 'ORBIT_'): SchemaRow[] {
  const spots = spotsOf(schema, { envPrefix, entryNames: () => ['<name>'] })
  return [...spots].filter((spot) => !spot.alias).map(rowOf)
}

function rowOf(spot: Spot): SchemaRow {
  const names = { path: spot.path.join('.'), env: spot.env, flag: `--${spot.flag}`, when: spot.when }
  return { ...names, ...(spot.field === undefined ? variantRow(spot.union) : fieldRow(spot.field)) }
}

type About = Omit<SchemaRow, 'path' | 'env' | 'flag' | 'when'>

function fieldRow(field: LeafField): About {
  return {
    type: field.leaf.type,
    default: field.default === undefined ? undefined : field.leaf.format(field.default),
    required: field.default === undefined && !field.optional,
    secret: field.leaf.secret,
    doc: field.options.doc ?? '',
  }
}

function variantRow(union: SectionUnion | undefined): About {
  const names = [...(union?.variants.keys() ?? [])].map((name) => JSON.stringify(name))
  return {
    type: `one of ${names.join(', ')}`,
    default: union?.default === undefined ? undefined : JSON.stringify(union.default),
    required: union?.default === undefined,
    secret: false,
    doc: 'Which kind it is; an entry named after a kind may leave it out.',
  }
}
