/** ALTER TABLE: its commands in order, gathered into one change of the definition where they can be. */
import { queryError, unsupported } from '../../../../scalar/condition.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { TableObject } from '../../catalog/snapshot.js'
import type { AlterTableCmd, AlterTableStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { changeIndexes } from '../table/change-indexes.js'
import { storeSequence, type NumberedSequence } from '../table/pending-sequences.js'
import { TableDraft } from '../table/table-draft.js'
import type { NewValue } from '../table/table-change.js'
import { findRelation, givenName, requireRelation, shown, undefinedRelation } from '../target-names.js'
import { actionName } from './action-names.js'
import { addColumn } from './add-column.js'
import { addConstraint, alterConstraint, dropConstraint, validateConstraint } from './alter-constraints.js'
import { alterColumnType } from './alter-column-type.js'
import { alterOtherRelation } from './alter-other.js'
import {
  addIdentity,
  dropExpression,
  dropIdentity,
  dropNotNull,
  setDefault,
  setIdentity,
  setNotNull,
} from './alter-column.js'
import { alterAttributes } from '../type/composite-attributes.js'
import { changeOwner } from './change-owner.js'
import { dropObjects } from '../drop/drop-objects.js'
import type { DropTarget } from '../drop/drop-target.js'

/** Commands that change nothing here: how rows lie on disk, and what is not to be switched. */
const ACCEPTED: ReadonlySet<string> = new Set([
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_ReplicaIdentity',
  'AT_EnableTrigAll',
  'AT_EnableTrigUser',
  'AT_DisableTrigUser',
  'AT_DisableRowSecurity',
  'AT_NoForceRowSecurity',
])

/** A table while a statement alters it. */
export class TableAlteration {
  readonly ddl: DefinitionContext
  readonly #id: number
  draft: TableDraft
  /** Sequences whose records are stored with the next change. */
  readonly sequences: NumberedSequence[] = []
  readonly newValues = new Map<number, NewValue>()
  readonly checks = new Set<string>()
  readonly notNull = new Set<number>()
  readonly foreignKeys = new Set<string>()
  #isChanged = false

  constructor(ddl: DefinitionContext, table: TableObject) {
    this.ddl = ddl
    this.#id = table.id
    this.draft = new TableDraft(ddl, splitObjectName(table.name), table.definition)
  }

  /** As it is stored now. */
  get table(): TableObject {
    const found = this.ddl.catalog.tables.find(({ id }) => id === this.#id)
    if (found === undefined) throw undefinedRelation({ schema: undefined, name: this.draft.name.name })
    return found
  }

  get name(): string {
    return this.draft.name.name
  }

  /** The draft has been changed. */
  touch(): void {
    this.#isChanged = true
  }

  /** Stores what has been gathered. */
  async flush(): Promise<void> {
    if (this.#isChanged) {
      const table = await changeIndexes(this.ddl, this.table, this.draft.definition(), {
        newValues: new Map(this.newValues),
        checks: new Set(this.checks),
        notNull: new Set(this.notNull),
        foreignKeys: new Set(this.foreignKeys),
      })
      for (const sequence of this.sequences.splice(0)) await storeSequence(this.ddl, table.id, sequence)
    }
    this.#isChanged = false
    for (const gathered of [this.newValues, this.checks, this.notNull, this.foreignKeys]) gathered.clear()
    this.draft = new TableDraft(this.ddl, this.draft.name, this.table.definition)
  }

  /** Drops a part of the table, with what depends on it. */
  async drop(target: DropTarget, isCascade: boolean): Promise<void> {
    await this.flush()
    await dropObjects(this.ddl, [target], isCascade)
    await this.flush()
  }
}

export async function alterTable(ddl: DefinitionContext, statement: AlterTableStmt): Promise<string> {
  if (statement.objtype === 'OBJECT_TYPE') return alterAttributes(ddl, statement)
  const given = givenName(statement.relation ?? {})
  const tag = tagOf(statement.objtype)
  if (statement.missing_ok === true && findRelation(ddl, given) === undefined) {
    ddl.notice(`relation "${shown(given)}" does not exist, skipping`)
    return tag
  }
  const found = requireRelation(ddl, given)
  const commands = (statement.cmds ?? []).flatMap((node) =>
    'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
  )
  ddl.requireOwner(found.owner, `${found.kind === 'other' ? 'relation' : found.kind} ${given.name}`)
  if (found.kind !== 'table') {
    await alterOtherRelation(ddl, found, commands, ACCEPTED)
    return tag
  }
  const alteration = new TableAlteration(ddl, found.table)
  for (const command of commands) await runCommand(alteration, command, found.oid)
  await alteration.flush()
  return tag
}

function tagOf(type: AlterTableStmt['objtype']): string {
  const word = (type ?? 'OBJECT_TABLE').replace('OBJECT_', '').replace('MATVIEW', 'MATERIALIZED VIEW')
  return `ALTER ${word}`
}

async function runCommand(alteration: TableAlteration, command: AlterTableCmd, oid: number): Promise<void> {
  const { ddl } = alteration
  switch (command.subtype) {
    case 'AT_AddColumn':
      return addColumn(alteration, command)
    case 'AT_DropColumn':
      return dropColumnCommand(alteration, command)
    case 'AT_ColumnDefault':
      return setDefault(alteration, command)
    case 'AT_SetNotNull':
      return setNotNull(alteration, command)
    case 'AT_DropNotNull':
      return dropNotNull(alteration, command)
    case 'AT_DropExpression':
      return dropExpression(alteration, command)
    case 'AT_AlterColumnType':
      return alterColumnType(alteration, command)
    case 'AT_AddIdentity':
      return addIdentity(alteration, command)
    case 'AT_SetIdentity':
      return setIdentity(alteration, command)
    case 'AT_DropIdentity':
      return dropIdentity(alteration, command)
    case 'AT_AddConstraint':
      return addConstraint(alteration, command)
    case 'AT_AlterConstraint':
      return alterConstraint(alteration, command)
    case 'AT_ValidateConstraint':
      return validateConstraint(alteration, command)
    case 'AT_DropConstraint':
      return dropConstraint(alteration, command)
    case 'AT_ChangeOwner':
      return changeOwner(ddl, oid, command.newowner)
    default:
      if (!ACCEPTED.has(command.subtype ?? ''))
        throw unsupported(`ALTER TABLE ... ${actionName(command.subtype)}`)
  }
}

async function dropColumnCommand(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  await alteration.flush()
  const name = command.name ?? ''
  const column = alteration.draft.find(name)
  if (column === undefined) {
    if (command.missing_ok !== true)
      throw queryError('undefined_column', `column "${name}" of relation "${alteration.name}" does not exist`)
    alteration.ddl.notice(`column "${name}" of relation "${alteration.name}" does not exist, skipping`)
    return
  }
  const target: DropTarget = { kind: 'column', table: alteration.table.id, column: column.id }
  await alteration.drop(target, command.behavior === 'DROP_CASCADE')
}
