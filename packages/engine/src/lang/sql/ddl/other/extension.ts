/** CREATE EXTENSION: what is built in under that name. */
import { queryError } from '../../../../scalar/condition.js'
import type { CreateExtensionStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'

/** With the versions whose functions are there. */
export const EXTENSIONS: Readonly<Record<string, { readonly version: string; readonly comment: string }>> = {
  plpgsql: { version: '1.0', comment: 'PL/pgSQL procedural language' },
  vector: { version: '0.8.0', comment: 'vector data type and ivfflat and hnsw access methods' },
  pgcrypto: { version: '1.3', comment: 'cryptographic functions' },
  'uuid-ossp': { version: '1.1', comment: 'generate universally unique identifiers (UUIDs)' },
}

export async function createExtension(
  ddl: DefinitionContext,
  statement: CreateExtensionStmt,
): Promise<string> {
  const name = statement.extname ?? ''
  const known = EXTENSIONS[name]
  if (ddl.catalog.extension(name) !== undefined || name === 'plpgsql') {
    if (statement.if_not_exists !== true)
      throw queryError('duplicate_object', `extension "${name}" already exists`)
    ddl.notice(`extension "${name}" already exists, skipping`, '42710')
    return 'CREATE EXTENSION'
  }
  if (known === undefined)
    throw queryError('feature_not_supported', `extension "${name}" is not available`, {
      hint: `Available are ${Object.keys(EXTENSIONS).join(', ')}.`,
    })
  await ddl.put('sql.extension', name, { version: known.version, schema: 'public' })
  return 'CREATE EXTENSION'
}
