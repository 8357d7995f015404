import type { Env } from '@orbit-ts/base'
import type { Database, ObjectSchema } from '@orbit-ts/engine'
import { collection, graph, series, table, text, vectors } from '@orbit-ts/engine'

/** What a load writes and reads: one record of an object made for it. */
export interface LoadTarget {
  readonly schema: ObjectSchema
  /** Writes the record with this number, new or not, in a transaction of its own. */
  write(database: Database, number: number): Promise<void>
  /** Reads it; one that was never written is no error. */
  read(database: Database, number: number): Promise<unknown>
}

export type LoadModel = 'table' | 'collection' | 'graph' | 'vectors' | 'series'

export interface LoadTargetOptions {
  readonly name: string
  /** Of the payload of one record. */
  readonly valueBytes: number
  readonly env: Env
}

const DIMENSION = 32
/** One series for so many records: a read is of the latest points of one. */
const SERIES = 100
const POINTS_READ = 10

const idOf = (number: number): string => `r${String(number).padStart(9, '0')}`

const TARGETS: Readonly<Record<LoadModel, (options: LoadTargetOptions) => LoadTarget>> = {
  table: ({ name, ...rest }) => {
    const schema = table(name, { id: text().primaryKey(), value: text().notNull() })
    const value = payloadOf(rest)
    return {
      schema,
      write: async (db, number) => {
        await db.transaction((tx) => tx.table(schema).upsert({ id: idOf(number), value: value() }))
      },
      read: (db, number) => db.table(schema).get(idOf(number)),
    }
  },
  collection: ({ name, ...rest }) => {
    const schema = collection<{ value: string }>(name)
    const value = payloadOf(rest)
    return {
      schema,
      write: async (db, number) => {
        await db.transaction((tx) => tx.collection(schema).upsert({ id: idOf(number), value: value() }))
      },
      read: (db, number) => db.collection(schema).get(idOf(number)),
    }
  },
  graph: ({ name, ...rest }) => {
    const schema = graph(name, {
      nodes: { Record: { properties: { value: 'string' } } },
      edges: { NEXT: { from: 'Record', to: 'Record' } },
    })
    const value = payloadOf(rest)
    return {
      schema,
      write: async (db, number) => {
        const id = idOf(number)
        await db.transaction(async (tx) => {
          const properties = { value: value() }
          if ((await tx.graph(schema).getNode(id)) === undefined)
            await tx.graph(schema).addNode({ id, labels: ['Record'], properties })
          else await tx.graph(schema).updateNode(id, { properties })
        })
      },
      read: (db, number) => db.graph(schema).getNode(idOf(number)),
    }
  },
  vectors: ({ name, env }) => {
    const schema = vectors(name, { dimension: DIMENSION, metric: 'l2' })
    return {
      schema,
      write: async (db, number) => {
        const vector = Array.from({ length: DIMENSION }, () => env.random.float())
        await db.transaction((tx) => tx.vectors(schema).upsert({ id: idOf(number), vector }))
      },
      read: (db, number) => db.vectors(schema).get(idOf(number)),
    }
  },
  series: ({ name, env }) => {
    const schema = series(name, { tags: ['key'], fields: { value: 'float' } })
    const tags = (number: number): { key: string } => ({ key: idOf(number % SERIES) })
    return {
      schema,
      write: async (db, number) => {
        const fields = { value: env.random.float() }
        await db.transaction((tx) => tx.series(schema).append({ tags: tags(number), fields }))
      },
      read: (db, number) =>
        db.series(schema).range({ tags: tags(number), reverse: true, limit: POINTS_READ }),
    }
  },
}

export const LOAD_MODELS = Object.keys(TARGETS) as readonly LoadModel[]

export function loadTarget(model: LoadModel, options: LoadTargetOptions): LoadTarget {
  return TARGETS[model](options)
}

/** Texts of the wished length that do not compress to nothing. */
function payloadOf({ valueBytes, env }: Omit<LoadTargetOptions, 'name'>): () => string {
  return () => {
    let value = ''
    while (value.length < valueBytes) value += env.random.float().toString(36).slice(2)
    return value.slice(0, valueBytes)
  }
}
