/** Schemas of arguments and results that several operations have. */
import type { Filter, OrderBy } from '@orbit-ts/engine'
import { Type, type TObject, type TOptional, type TProperties, type TSchema, type TUnsafe } from 'typebox'

/** The arguments of an operation: no others are accepted. */
export function args<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false })
}

/** What an operation returns. */
export function result<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties)
}

/** A JSON object of type `T`, whose members the engine checks. */
export function json<T extends object = Record<string, unknown>>(description: string): TUnsafe<T> {
  return Type.Unsafe<T>(Type.Object({}, { additionalProperties: true, description }))
}

/** One or several of `item`. */
export function oneOrMany<T extends TSchema>(item: T, description: string): TSchema {
  return Type.Union([item, Type.Array(item)], { description })
}

/** What was given as one or several, as a list. */
export function asList<T>(given: unknown): readonly T[] {
  return (Array.isArray(given) ? given : [given]) as readonly T[]
}

export const nullable = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()])

export const where = json<Filter>(
  'A filter: {"field": value}, {"field": {"gte": 1, "lt": 5}}, {"$and": […]}, {"$or": […]}, {"$not": {…}}. A dot follows a path into objects. {} matches everything.',
)

const order = Type.Object(
  { field: Type.String(), direction: Type.Optional(Type.Enum(['asc', 'desc'])) },
  { additionalProperties: false },
)

export const orderBy = Type.Unsafe<string | OrderBy | readonly (string | OrderBy)[]>(
  Type.Union([Type.String(), order, Type.Array(Type.Union([Type.String(), order]))], {
    description: 'A field, {"field": …, "direction": "asc" or "desc"}, or a list of these.',
  }),
)

export const limit = Type.Integer({
  minimum: 0,
  description: 'At most this many. Default: server.page_size; not above server.page_size_max.',
})

/** What selects, sorts and cuts records. */
export const queryArgs = {
  where: Type.Optional(where),
  orderBy: Type.Optional(orderBy),
  limit: Type.Optional(limit),
  offset: Type.Optional(Type.Integer({ minimum: 0, description: 'Leave out this many first. Default 0.' })),
  select: Type.Optional(
    Type.Unsafe<readonly string[]>(
      Type.Array(Type.String(), { description: 'Fields or paths to return. Default: all.' }),
    ),
  ),
} satisfies Record<string, TOptional<TSchema>>

/** Where the next page begins. */
export const nextOffset = Type.Optional(
  Type.Integer({ description: 'Where the next page begins; left out when there is none.' }),
)

export const count = Type.Integer({ minimum: 0 })
export const deleted = result({ deleted: Type.Boolean({ description: 'False when it was not there.' }) })
export const deletedCount = result({ deleted: count })
export const changedCount = result({ changed: count })
export const counted = result({ count })
export const plan = result({
  plan: json('How the query is answered: which index and range, what is filtered and sorted.'),
})
