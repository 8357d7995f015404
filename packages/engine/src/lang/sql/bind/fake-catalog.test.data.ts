/** A catalog of a few tables for tests of the binder. */
import { assert, defined } from '@orbit-ts/base'
import type { Relation, RelationColumn, RelationIndex } from '../../../relation/relation.js'
import { findCollation } from '../../../scalar/collation/collations.js'
import type { Collation, DataType, ScalarType } from '../../../scalar/data-type.js'
import type { AnyFunction } from '../../../scalar/functions/function.js'
import type { RegKind } from '../../../scalar/scalar-context.js'
import { systemRegistry } from '../../../scalar/system-registry.js'
import { makeEnumType } from '../../../scalar/types/enum-type.js'
import type {
  CatalogClass,
  CatalogRole,
  CatalogSchema,
  CatalogSnapshot,
  CatalogView,
  ObjectName,
} from '../catalog-snapshot.js'

/** `int4`, `varchar(10)`, `numeric(10,2)`, `text[]`. */
export function typeOf(text: string): DataType {
  const match = /^(\w+)(?:\(([\d,]+)\))?(\[\])?$/.exec(text)
  assert(match !== null, `no type: ${text}`)
  const [, name = '', modifiers, brackets] = match
  const scalar = defined(systemRegistry.typeByName(name) ?? USER_TYPES.get(name), text)
  const modifier =
    modifiers === undefined
      ? -1
      : defined(scalar.makeModifier, 'makeModifier')(modifiers.split(',').map(Number))
  if (brackets === undefined) return { scalar, modifier }
  return { scalar: defined(systemRegistry.arrayOf(scalar), 'the array type'), modifier }
}

const mood = makeEnumType({ oid: 70_001, name: 'mood', displayName: 'mood', labels: ['sad', 'ok', 'happy'] })
const USER_TYPES = new Map<string, ScalarType>([['mood', mood]])

interface TableOptions {
  readonly schema?: string
  readonly primaryKey?: readonly string[]
  readonly unique?: Readonly<Record<string, readonly string[]>>
  /** Names of columns by what they are. */
  readonly generated?: Readonly<Record<string, NonNullable<RelationColumn['generated']>>>
  readonly defaults?: readonly string[]
  readonly isReadOnly?: boolean
}

let lastOid = 16_384

/** `table('t', 'a int4, b text')`. */
export function table(name: string, columns: string, options: TableOptions = {}): CatalogClass {
  const list = columns.split(/, (?=\w+ )/).map((column): RelationColumn => {
    const [own = '', type = ''] = column.trim().split(' ')
    const generated = options.generated?.[own]
    return {
      name: own,
      type: typeOf(type),
      isNotNull: options.primaryKey?.includes(own) ?? false,
      hasDefault: options.defaults?.includes(own) ?? false,
      ...(generated === undefined ? {} : { generated }),
    }
  })
  const indexes: RelationIndex[] = Object.entries({
    ...(options.primaryKey === undefined ? {} : { [`${name}_pkey`]: options.primaryKey }),
    ...options.unique,
  }).map(([index, keys]) => ({
    name: index,
    isPrimary: index === `${name}_pkey`,
    isUnique: true,
    nullsNotDistinct: false,
    keys: keys.map((key) => ({
      key: list.findIndex((column) => column.name === key),
      isDescending: false,
      nullsFirst: false,
    })),
    covers: [],
  }))
  const relation: Relation = {
    oid: ++lastOid,
    schema: options.schema ?? 'public',
    name,
    kind: 'table',
    columns: list,
    indexes,
    statistics: undefined,
    scan: () => {
      throw new Error('nothing is read here')
    },
    ...(options.isReadOnly === true ? {} : { writer: UNUSED_WRITER }),
  }
  return { kind: 'relation', relation, owner: 'owner' }
}

const UNUSED_WRITER = {
  idKey: () => 0,
  begin: () => Promise.reject(new Error('nothing is written here')),
}

export function view(name: string, query: string, columns: string): CatalogView {
  return {
    kind: 'view',
    oid: ++lastOid,
    schema: 'public',
    name,
    owner: 'viewer',
    query,
    searchPath: ['public'],
    isMaterialized: false,
    columns: columns.split(/, (?=\w+ )/).map((column) => {
      const [own = '', type = ''] = column.split(' ')
      return { name: own, type: typeOf(type) }
    }),
  }
}

export class FakeCatalog implements CatalogSnapshot {
  readonly version = '1'
  readonly #classes: readonly CatalogClass[]

  constructor(classes: readonly CatalogClass[]) {
    this.#classes = classes
  }

  findClass({ schema, name }: ObjectName, searchPath: readonly string[]): CatalogClass | undefined {
    const schemas = schema === undefined ? searchPath : [schema]
    for (const one of schemas) {
      const found = this.#classes.find((each) => nameOf(each) === `${one}.${name}`)
      if (found !== undefined) return found
    }
    return undefined
  }

  classByOid(): CatalogClass | undefined {
    return undefined
  }

  findType({ name }: ObjectName): ScalarType | undefined {
    return USER_TYPES.get(name)
  }

  typeByOid(oid: number): ScalarType | undefined {
    return [...USER_TYPES.values()].find((type) => type.oid === oid)
  }

  arrayOf(): ScalarType | undefined {
    return undefined
  }

  findFunctions({ name }: ObjectName): readonly AnyFunction[] {
    return systemRegistry.functionsByName(name)
  }

  findCollation({ name }: ObjectName): Collation | undefined {
    return findCollation(name)
  }

  hasSchema(name: string): boolean {
    return name === 'public' || name === 'pg_catalog' || name === 's'
  }

  schemas(): readonly CatalogSchema[] {
    return []
  }

  classes(): Iterable<CatalogClass> {
    return this.#classes
  }

  roles(): readonly CatalogRole[] {
    return []
  }

  isAllowed(): boolean {
    return true
  }

  suggest(): string | undefined {
    return undefined
  }

  oidOf(kind: RegKind, text: string): number | undefined {
    if (kind !== 'class') return undefined
    const found = this.findClass({ name: text }, ['public'])
    return found === undefined ? undefined : found.kind === 'relation' ? found.relation.oid : found.oid
  }

  nameOf(): string | undefined {
    return undefined
  }
}

function nameOf(one: CatalogClass): string {
  const { schema, name } = one.kind === 'relation' ? one.relation : one
  return `${schema}.${name}`
}
