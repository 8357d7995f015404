import { OrbitError } from '@orbit-ts/base'
import type { CatalogObject, CatalogRecord } from '../../../catalog/catalog-object.js'
import type { Change } from '../../../catalog/catalog.js'
import type { KeyRange } from '@orbit-ts/storage'
import { Tables } from '../../../models/relational/layout/tables.js'
import type { TableDefinition } from '../../../models/relational/schema/table-definition.js'
import { tableModel } from '../../../models/relational/table-model.js'
import { queryError, type ErrorFields } from '../../../scalar/condition.js'
import type { TransactionContext } from '../../../txn/database-transaction.js'
import { loadCatalog } from '../catalog/load-catalog.js'
import type { RecordKind, RecordValues, SqlRecord } from '../catalog/records.js'
import type { LoadedCatalog, TableObject } from '../catalog/snapshot.js'
import { sessionPath } from '../session/search-path.js'
import { AlterViolations } from './table/alter-violations.js'
import { notice } from '../session/session-state.js'
import type { SessionState } from '../session/session-state.js'
import type { StatementScope } from '../session/statement-scope.js'
import type { StatementTree } from '../parse/tree.js'

/** What a definition statement is given by the session. */
export interface DefinitionScope {
  readonly state: SessionState
  readonly scope: StatementScope
}

/**
 * One definition statement at work: the catalog as it is after each of its changes, and the ways to change it.
 *
 * Invariant: what every change writes is locked before the catalog is read, so that definitions wait for one another
 * and each sees what the one before has done.
 */
export class DefinitionContext {
  readonly state: SessionState
  readonly scope: StatementScope
  readonly context: TransactionContext
  readonly tree: StatementTree
  #catalog: LoadedCatalog
  readonly #changes: Change[] = []
  #schema: string | undefined

  static async begin(tree: StatementTree, { state, scope }: DefinitionScope): Promise<DefinitionContext> {
    const { context } = scope
    await context.catalog.reserveAll(context.storage)
    return new DefinitionContext(tree, state, scope, await loadCatalog(context))
  }

  private constructor(
    tree: StatementTree,
    state: SessionState,
    scope: StatementScope,
    catalog: LoadedCatalog,
  ) {
    this.tree = tree
    this.state = state
    this.scope = scope
    this.context = scope.context
    this.#catalog = catalog
  }

  get catalog(): LoadedCatalog {
    return this.#catalog
  }

  get user(): string {
    return this.state.user
  }

  get isSuperuser(): boolean {
    return this.#catalog.role(this.user)?.isSuperuser === true
  }

  /** Schemas that unqualified names are looked up in. */
  get searchPath(): readonly string[] {
    const path = sessionPath(this.state, this.#catalog)
    return this.#schema === undefined ? path : [this.#schema, ...path]
  }

  /** Calls `work` while unqualified names mean what is in a schema first. */
  async within<T>(schema: string, work: () => Promise<T>): Promise<T> {
    const before = this.#schema
    this.#schema = schema
    try {
      return await work()
    } finally {
      this.#schema = before
    }
  }

  /** Definitions of tables that have changed, whose data is still to be seen to. */
  get changes(): readonly Change[] {
    return this.#changes
  }

  notice(message: string, sqlState?: string, fields?: ErrorFields): void {
    notice(this.state, 'NOTICE', message, sqlState, fields)
  }

  warning(message: string): void {
    notice(this.state, 'WARNING', message)
  }

  /** Characters before a location of the statement, for errors. */
  at(location: number | undefined): { readonly offset?: number } {
    const offset = this.tree.offsetOf(location)
    return offset === undefined ? {} : { offset }
  }

  newId(): Promise<number> {
    return this.context.catalog.nextId(this.context.storage)
  }

  /** Stores a new record, or a changed one under its id. */
  async put<Kind extends RecordKind>(
    kind: Kind,
    name: string,
    value: RecordValues[Kind],
    id?: number,
  ): Promise<number> {
    const own = id ?? (await this.newId())
    await this.context.catalog.putRecord(this.context, { kind, name, id: own, value })
    await this.reload()
    return own
  }

  async delete(record: Pick<CatalogRecord, 'kind' | 'name'>): Promise<void> {
    await this.context.catalog.deleteRecord(this.context, record)
    await this.reload()
  }

  /** Renames a record, or moves it to where its new name belongs. */
  async rename<Kind extends RecordKind>(
    record: SqlRecord<Kind>,
    name: string,
    value: RecordValues[Kind],
  ): Promise<void> {
    await this.context.catalog.deleteRecord(this.context, record)
    await this.put(record.kind, name, value, record.id)
  }

  async createTable(name: string, definition: TableDefinition): Promise<TableObject> {
    const object = await this.context.catalog.createDefined(this.context, tableModel, name, definition)
    await this.reload()
    return object
  }

  /** @param name what the table's object is called from now on. */
  async changeTable(before: TableObject, definition: TableDefinition, name?: string): Promise<TableObject> {
    const change = await this.context.catalog.redefine<TableDefinition>(
      this.context,
      tableModel,
      before,
      definition,
      name,
    )
    this.#changes.push(change)
    await this.reload()
    return change.after
  }

  /** As `changeTable`, of a table whose data the caller writes anew. @param left the keys that it had */
  async replaceTable(
    before: TableObject,
    definition: TableDefinition,
    left: readonly KeyRange[],
  ): Promise<TableObject> {
    const change = await this.context.catalog.replace(this.context, before, definition, left)
    await this.reload()
    return change.after
  }

  /** The tables of the relational model, which report what is wrong in PostgreSQL's words. */
  tables(table: Pick<TableObject, 'name'>): Tables {
    return new Tables(this.context, tableModel, { violations: new AlterViolations(this, table) })
  }

  async dropTable({ name }: Pick<CatalogObject, 'name'>): Promise<number> {
    const id = await this.context.catalog.drop(this.context, tableModel, name)
    await this.reload()
    return id
  }

  /** The catalog has been changed by this statement. */
  async reload(): Promise<void> {
    this.context.forgetObjects()
    this.#catalog = await loadCatalog(this.context)
  }

  /** @throws insufficient_privilege unless the user owns what belongs to `owner`. */
  requireOwner(owner: string, what: string): void {
    if (this.isSuperuser || this.isMember(owner)) return
    throw queryError('insufficient_privilege', `must be owner of ${what}`)
  }

  /** True when the user is the role or a member of it. */
  isMember(role: string): boolean {
    const seen = new Set<string>()
    const visit = (name: string): boolean => {
      if (name === role) return true
      if (seen.has(name)) return false
      seen.add(name)
      return this.#catalog.role(name)?.memberOf.some(visit) === true
    }
    return visit(this.user)
  }

  /** @throws insufficient_privilege */
  requireCreate(schema: string): void {
    if (this.#catalog.isAllowed(this.user, 'create', { kind: 'schema', name: schema })) return
    throw queryError('insufficient_privilege', `permission denied for schema ${schema}`)
  }
}

/** The error in PostgreSQL's words where it is one of a definition's own. */
export function isCode(error: unknown, code: string): error is OrbitError {
  return error instanceof OrbitError && error.code === code
}
