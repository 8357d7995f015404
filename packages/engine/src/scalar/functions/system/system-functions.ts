import { table } from '../define/table-function.js'
import type { AnyFunction } from '../function.js'
import { catalogFunctions } from './catalog-functions.js'
import { nameFunctions } from './name-functions.js'
import { sequenceFunctions } from './sequence-functions.js'
import { sessionFunctions } from './session-functions.js'
import { sizeFunctions } from './size-functions.js'

/** Functions about the session, the catalog and the system. */
export const systemFunctions: readonly AnyFunction[] = [
  ...sessionFunctions,
  ...nameFunctions,
  ...sizeFunctions,
  ...sequenceFunctions,
  ...catalogFunctions,
  table('3035 pg_listening_channels() text', ({ session }) =>
    [...(session.systemRows?.('pg_listening_channels') ?? [])].map(({ channel = null }) => [channel]),
  ),
  // Of what is no partition there are none.
  table('3425 pg_partition_ancestors(regclass) regclass', () => []),
]
