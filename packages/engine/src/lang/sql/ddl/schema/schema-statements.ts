/** CREATE SCHEMA. */
import { queryError, unsupported } from '../../../../scalar/condition.js'
import type { CreateSchemaStmt } from '../../parse/tree.js'
import { grantDefaults } from '../role/default-privileges.js'
import { roleName } from '../role/role-name.js'
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
  const oid = ddl.catalog.schema(name)?.oid ?? 0
  await grantDefaults(ddl, { oid, owner, schema: '', kind: 'schema' })
  await ddl.within(name, async () => {
    for (const element of inOrder(statement.schemaElts ?? [])) await runElement(element)
  })
  return 'CREATE SCHEMA'
}

/** Elements may be written in any order: what others are made of is made first. */
const ORDER = ['CreateSeqStmt', 'CreateStmt', 'ViewStmt', 'IndexStmt', 'CreateTrigStmt', 'GrantStmt']

/** @throws feature_not_supported: where the query of a view ends is known only of the last element. */
function inOrder(elements: readonly Node[]): readonly Node[] {
  if (elements.slice(0, -1).some((element) => 'ViewStmt' in element))
    throw unsupported('CREATE SCHEMA with a view before other elements')
  const place = (node: Node): number => ORDER.indexOf(Object.keys(node)[0] ?? '')
  return [...elements].sort((a, b) => place(a) - place(b))
}
