/** CREATE SCHEMA. */
import { queryError } from '../../../../scalar/condition.js'
import type { CreateSchemaStmt, RoleSpec } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import type { Node } from '../../parse/tree.js'

/** @param runElement runs a statement that was written inside of CREATE SCHEMA. */
export async function createSchema(
  ddl: DefinitionContext,
  statement: CreateSchemaStmt,
  runElement: (node: Node) => Promise<string>,
): Promise<string> {
  const owner = statement.authrole === undefined ? ddl.user : roleName(ddl, statement.authrole)
  const name = statement.schemaname ?? owner
  if (!ddl.catalog.isAllowed(ddl.user, 'create', { kind: 'database' }))
    throw queryError(
      'insufficient_privilege',
      `permission denied for database ${ddl.state.engine.databaseName}`,
    )
  if (ddl.catalog.hasSchema(name)) {
    if (statement.if_not_exists !== true)
      throw queryError('duplicate_schema', `schema "${name}" already exists`)
    ddl.notice(`schema "${name}" already exists, skipping`, '42P06')
    return 'CREATE SCHEMA'
  }
  if (name.startsWith('pg_'))
    throw queryError('reserved_name', `unacceptable schema name "${name}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    })
  // `public` may come back under the record that says it is gone.
  const gone = ddl.catalog.schemaRecords.find((record) => record.name === name)
  await ddl.put('sql.schema', name, { owner }, gone?.id)
  await ddl.within(name, async () => {
    for (const element of statement.schemaElts ?? []) await runElement(element)
  })
  return 'CREATE SCHEMA'
}

/** The role that a clause names. @throws undefined_object */
export function roleName(ddl: DefinitionContext, spec: RoleSpec | undefined): string {
  switch (spec?.roletype) {
    case 'ROLESPEC_CURRENT_USER':
    case 'ROLESPEC_CURRENT_ROLE':
      return ddl.user
    case 'ROLESPEC_SESSION_USER':
      return ddl.state.sessionUser
    case 'ROLESPEC_PUBLIC':
      return ''
    default: {
      const name = spec?.rolename ?? ''
      if (ddl.catalog.role(name) === undefined)
        throw queryError('undefined_object', `role "${name}" does not exist`)
      return name
    }
  }
}
