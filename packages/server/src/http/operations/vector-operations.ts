import type { NewVector, VectorSession } from '@orbit-ts/engine'
import { Type } from 'typebox'
import {
  args,
  asList,
  count,
  counted,
  deleted,
  deletedCount,
  json,
  nextOffset,
  nullable,
  oneOrMany,
  plan,
  queryArgs,
  result,
  where,
} from './argument-types.js'
import { operationsOf } from './operation.js'
import { checkListed, collect, nextOffsetOf, readPage } from './page.js'

const define = operationsOf<VectorSession>('vectors', (tx, name) => tx.vectors(name))

const id = Type.String({ description: 'The id of a vector.' })
const components = Type.Array(Type.Number(), {
  description: 'As many finite numbers as the collection has dimensions.',
})
const metadata = json('Facts about the vector, by name.')
const vector = Type.Unsafe<NewVector>(
  Type.Object({ id, vector: components, metadata: Type.Optional(metadata) }, { additionalProperties: false }),
)
const vectors = oneOrMany(vector, 'A vector {"id", "vector", "metadata"}, or a list of vectors.')
const storedVector = Type.Object({ id, vector: components, metadata })
const hit = Type.Object({
  id,
  distance: Type.Number({ description: 'Smaller is nearer.' }),
  score: Type.Number({ description: 'Greater is nearer.' }),
  metadata,
  vector: Type.Optional(components),
})
const searchArgs = {
  vector: components,
  k: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many to find. Default 10.' }),
  ),
  where: Type.Optional(where),
  exact: Type.Optional(Type.Boolean({ description: 'Compare with every vector. Default false.' })),
  probes: Type.Optional(Type.Integer({ minimum: 1, description: 'Partitions to read.' })),
  includeVectors: Type.Optional(Type.Boolean({ description: 'Return the vectors too. Default false.' })),
}

export const vectorOperations = {
  insert: define('insert', {
    summary: 'Adds vectors whose ids are not there yet, all or none.',
    args: args({ vectors }),
    result: counted,
    run: async (session, given) => {
      const list = asList<NewVector>(given.vectors)
      await session.insertMany(list)
      return { count: list.length }
    },
  }),
  upsert: define('upsert', {
    summary: 'Writes vectors in place of what their ids have, all or none.',
    args: args({ vectors }),
    result: counted,
    run: async (session, given) => {
      const list = asList<NewVector>(given.vectors)
      await session.upsertMany(list)
      return { count: list.length }
    },
  }),
  get: define('get', {
    summary: 'Reads a vector by its id.',
    args: args({ id }),
    result: nullable(storedVector),
    run: async (session, given) => (await session.get(given.id)) ?? null,
  }),
  getMany: define('getMany', {
    summary: 'Reads vectors by their ids; null stands for one that is not there.',
    args: args({ ids: Type.Array(id) }),
    result: result({ vectors: Type.Array(nullable(storedVector)) }),
    run: async (session, { ids }, limits) => ({
      vectors: (await session.getMany(checkListed('ids', ids, limits))).map((found) => found ?? null),
    }),
  }),
  delete: define('delete', {
    summary: 'Deletes a vector.',
    args: args({ id }),
    result: deleted,
    run: async (session, given) => ({ deleted: await session.delete(given.id) }),
  }),
  deleteMany: define('deleteMany', {
    summary: 'Deletes vectors by their ids.',
    args: args({ ids: Type.Array(id) }),
    result: deletedCount,
    run: async (session, { ids }) => ({ deleted: await session.deleteMany(ids) }),
  }),
  find: define('find', {
    summary: 'Reads a page of the vectors whose metadata match; order and selection are on the metadata too.',
    args: args(queryArgs),
    result: result({ vectors: Type.Array(storedVector), nextOffset }),
    run: async (session, query, limits) => {
      const page = await readPage(query.limit, limits, (limit) =>
        collect(session.scan({ ...query, limit }), limit),
      )
      return { vectors: page.items, ...nextOffsetOf(page, query.offset) }
    },
  }),
  count: define('count', {
    summary: 'Counts the vectors whose metadata match.',
    args: args({ where: Type.Optional(where) }),
    result: counted,
    run: async (session, { where: filter }) => ({ count: await session.count(filter) }),
  }),
  search: define('search', {
    summary: 'Finds the vectors that are nearest to one.',
    args: args(searchArgs),
    result: result({ hits: Type.Array(hit, { description: 'The nearest first.' }) }),
    run: async (session, search) => ({ hits: await session.search(search) }),
  }),
  explain: define('explain', {
    summary: 'Says how a search would be answered.',
    args: args(searchArgs),
    result: plan,
    run: async (session, search) => ({ plan: await session.explain(search) }),
  }),
  buildIndex: define('buildIndex', {
    summary: 'Builds the partitioned index, or goes on with it; call it again until it is done.',
    args: args({
      partitions: Type.Optional(
        Type.Unsafe<number | 'auto'>(
          Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('auto')], {
            description: 'How many partitions to make: a number, or "auto".',
          }),
        ),
      ),
      sampleMax: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Vectors from which the centres are found.' }),
      ),
      moveMax: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Vectors put into partitions by this call.' }),
      ),
    }),
    result: result({ done: Type.Boolean(), trained: Type.Boolean(), partitions: count, moved: count }),
    run: async (session, options) => session.buildIndex(options),
  }),
  indexStatistics: define('indexStatistics', {
    summary: 'Says what state the partitioned index is in.',
    args: args({}),
    result: result({ statistics: json('State, sizes and advice.') }),
    run: async (session) => ({ statistics: await session.indexStatistics() }),
  }),
}
