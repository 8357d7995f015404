/** CREATE EXTENSION: what is built in under that name. */
import { queryError } from '../../../../scalar/condition.js'
import type { CreateExtensionStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { EXTENSIONS, FIXED_EXTENSIONS } from './available-extensions.js'

export async function createExtension(
  ddl: DefinitionContext,
  statement: CreateExtensionStmt,
): Promise<string> {
  const name = statement.extname ?? ''
  const known = EXTENSIONS[name]
  if (ddl.catalog.extension(name) !== undefined || FIXED_EXTENSIONS.has(name)) {
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
