/** Statements that define and drop things, and what else changes the catalog. */
import { unsupported } from '../../../scalar/condition.js'
import { nodeKind, type Node, type StatementTree } from '../parse/tree.js'
import { DefinitionContext, type DefinitionScope } from './definition-context.js'
import { dropStatement } from './drop/drop-statement.js'
import { createIndex } from './index/create-index.js'
import { createSchema } from './schema/schema-statements.js'
import { alterSequence, createSequence } from './sequence/sequence-statements.js'
import { alterTable } from './alter/alter-table.js'
import { alterOwner } from './alter/change-owner.js'
import { rename, setSchema } from './alter/rename-statement.js'
import { vacuumAll } from './other/analyze-models.js'
import { setConstraints } from './other/set-constraints.js'
import { comment } from './other/comment.js'
import { createExtension } from './other/extension.js'
import { alterDefaultPrivileges } from './role/default-privileges.js'
import { grant } from './role/grant.js'
import { dropOwned, reassignOwned } from './role/owned.js'
import { alterRole, createRole, dropRole, grantRole } from './role/role-statements.js'
import { createTable } from './table/create-table.js'
import { createTableAs, refreshView } from './table/create-table-as.js'
import { alterDomain, createDomain } from './type/domain-statements.js'
import { alterEnum, createComposite, createEnum } from './type/type-statements.js'
import { createView } from './view/create-view.js'
import { truncate } from './table/truncate.js'

/**
 * Runs a definition statement in the transaction of its scope.
 * @returns the command tag
 */
export async function runDefinition(tree: StatementTree, scope: DefinitionScope): Promise<string> {
  if ('ConstraintsSetStmt' in tree.node) return setConstraints(tree.node.ConstraintsSetStmt, scope)
  const ddl = await DefinitionContext.begin(tree, scope)
  const tag = await dispatch(ddl, tree.node)
  const { changes } = ddl
  const { database } = scope.state.engine
  scope.state.transaction.afterCommit(async () => {
    if (changes.length > 0) await database.afterChanges(changes)
    await database.resumeInBackground()
  })
  return tag
}

async function dispatch(ddl: DefinitionContext, node: Node): Promise<string> {
  const tag = (await runTables(ddl, node)) ?? (await runOthers(ddl, node))
  if (tag === undefined) throw unsupported(statementName(node))
  return tag
}

async function runTables(ddl: DefinitionContext, node: Node): Promise<string | undefined> {
  if ('CreateStmt' in node) return createTable(ddl, node.CreateStmt)
  if ('CreateTableAsStmt' in node) return createTableAs(ddl, node.CreateTableAsStmt)
  if ('AlterTableStmt' in node) return alterTable(ddl, node.AlterTableStmt)
  if ('IndexStmt' in node) return createIndex(ddl, node.IndexStmt)
  if ('ViewStmt' in node) return createView(ddl, node.ViewStmt)
  if ('RefreshMatViewStmt' in node) return refreshView(ddl, node.RefreshMatViewStmt)
  if ('DropStmt' in node) return dropStatement(ddl, node.DropStmt)
  if ('RenameStmt' in node) return rename(ddl, node.RenameStmt)
  if ('AlterObjectSchemaStmt' in node) return setSchema(ddl, node.AlterObjectSchemaStmt)
  if ('AlterOwnerStmt' in node) return alterOwner(ddl, node.AlterOwnerStmt)
  if ('CreateSeqStmt' in node) return createSequence(ddl, node.CreateSeqStmt)
  if ('AlterSeqStmt' in node) return alterSequence(ddl, node.AlterSeqStmt)
  if ('TruncateStmt' in node) return truncate(ddl, node.TruncateStmt)
  if ('VacuumStmt' in node) return vacuumAll(ddl, node.VacuumStmt)
  return undefined
}

async function runOthers(ddl: DefinitionContext, node: Node): Promise<string | undefined> {
  if ('CreateSchemaStmt' in node)
    return createSchema(ddl, node.CreateSchemaStmt, (element) => dispatch(ddl, element))
  if ('CreateEnumStmt' in node) return createEnum(ddl, node.CreateEnumStmt)
  if ('CompositeTypeStmt' in node) return createComposite(ddl, node.CompositeTypeStmt)
  if ('AlterEnumStmt' in node) return alterEnum(ddl, node.AlterEnumStmt)
  if ('CreateDomainStmt' in node) return createDomain(ddl, node.CreateDomainStmt)
  if ('AlterDomainStmt' in node) return alterDomain(ddl, node.AlterDomainStmt)
  if ('CommentStmt' in node) return comment(ddl, node.CommentStmt)
  if ('GrantStmt' in node) return grant(ddl, node.GrantStmt)
  if ('AlterDefaultPrivilegesStmt' in node)
    return alterDefaultPrivileges(ddl, node.AlterDefaultPrivilegesStmt)
  if ('GrantRoleStmt' in node) return grantRole(ddl, node.GrantRoleStmt)
  if ('CreateRoleStmt' in node) return createRole(ddl, node.CreateRoleStmt)
  if ('AlterRoleStmt' in node) return alterRole(ddl, node.AlterRoleStmt)
  if ('DropRoleStmt' in node) return dropRole(ddl, node.DropRoleStmt)
  if ('ReassignOwnedStmt' in node) return reassignOwned(ddl, node.ReassignOwnedStmt)
  if ('DropOwnedStmt' in node) return dropOwned(ddl, node.DropOwnedStmt)
  if ('CreateExtensionStmt' in node) return createExtension(ddl, node.CreateExtensionStmt)
  // Entries are where they belong at all times.
  if ('ReindexStmt' in node) return 'REINDEX'
  return undefined
}

/** What the grammar calls by another name than SQL does. */
const NAMES: Readonly<Record<string, string>> = {
  CreateTrigStmt: 'CREATE TRIGGER',
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  AlterDatabaseSetStmt: 'ALTER DATABASE SET',
  AlterRoleSetStmt: 'ALTER ROLE SET',
  CreatePLangStmt: 'CREATE LANGUAGE',
  CreateFdwStmt: 'CREATE FOREIGN DATA WRAPPER',
  CreateStatsStmt: 'CREATE STATISTICS',
  RuleStmt: 'CREATE RULE',
  DefineStmt: 'CREATE AGGREGATE, OPERATOR, TYPE or COLLATION of this form',
  AlterSystemStmt: 'ALTER SYSTEM',
}

/** `CREATE PUBLICATION`, for messages. */
function statementName(node: Node): string {
  const known = NAMES[nodeKind(node)]
  if (known !== undefined) return known
  return nodeKind(node)
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase()
}
