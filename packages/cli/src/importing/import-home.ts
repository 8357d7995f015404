import { OrbitError, hasCode } from '@orbit-ts/base'
import type { CatalogObject, Database, ObjectKind, ObjectSchema } from '@orbit-ts/engine'
import { objectKindOf, targetOf } from '../records/find-target.js'
import type { RecordTarget, TargetKind } from '../records/record-target.js'
import { DatabaseSink } from './database-sink.js'
import type { ImportSink } from './import-sink.js'
import type { OrbitClient } from './orbit-client.js'
import { ServerSink } from './server-sink.js'

/** Where an import goes: a database of this process, or a server. */
export interface ImportHome {
  /** @throws OBJECT_NOT_FOUND with the nearest name */
  describe(kind: ObjectKind, name: string): Promise<CatalogObject>
  create(schema: ObjectSchema): Promise<void>
  /** Brings an object to a declaration. */
  apply(schema: ObjectSchema): Promise<void>
  sink(target: RecordTarget, name: string): ImportSink
}

export function databaseHome(database: Database): ImportHome {
  return {
    describe: (kind, name) => database.describe(kind, name),
    create: async (schema) => {
      await database.create(schema)
    },
    apply: async (schema) => {
      await database.apply([schema])
    },
    sink: (target) => new DatabaseSink(database, target),
  }
}

export function serverHome(client: OrbitClient): ImportHome {
  return {
    describe: (kind, name) => client.describe(kind, name),
    create: (schema) => client.apply(schema),
    apply: (schema) => client.apply(schema),
    sink: (target, name) => new ServerSink(client, target, name),
  }
}

/**
 * The sink for one kind of records.
 * @param definition makes the object when there is none; undefined: it must be there
 * @throws OBJECT_NOT_FOUND
 */
export async function openSink(
  home: ImportHome,
  kind: TargetKind,
  name: string,
  definition: (() => ObjectSchema) | undefined,
): Promise<ImportSink> {
  const objectKind = objectKindOf(kind)
  try {
    return home.sink(targetOf(kind, await home.describe(objectKind, name)), name)
  } catch (error) {
    if (!hasCode(error, 'OBJECT_NOT_FOUND')) throw error
    if (definition === undefined) throw withCreateHint(error)
  }
  await home.create(definition())
  return home.sink(targetOf(kind, await home.describe(objectKind, name)), name)
}

function withCreateHint(error: OrbitError): OrbitError {
  return new OrbitError(error.code, `${error.reason}\nTo make it, add --create.`, error.details, {
    cause: error,
  })
}
