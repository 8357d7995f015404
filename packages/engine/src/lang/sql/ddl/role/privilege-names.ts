import type { Privilege } from '../../catalog-snapshot.js'

/** What ALL means, by the kind of object. */
export const ALL_PRIVILEGES = {
  table: ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'],
  sequence: ['usage', 'select', 'update'],
  schema: ['usage', 'create'],
  database: ['create', 'connect', 'temporary'],
} as const satisfies Readonly<Record<string, readonly Privilege[]>>
