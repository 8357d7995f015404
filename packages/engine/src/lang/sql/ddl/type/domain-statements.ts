/** CREATE DOMAIN and ALTER DOMAIN. */
import { queryError, unsupported } from '../../../../scalar/condition.js'
import type { DataType } from '../../../../scalar/data-type.js'
import { objectName } from '../../catalog/object-names.js'
import type { DomainCheckValue, DomainForm, QualifiedName, SqlRecord } from '../../catalog/records.js'
import { storedTypeOf } from '../../catalog/user-types.js'
import {
  stringsOf,
  type AlterDomainStmt,
  type Constraint,
  type CreateDomainStmt,
  type Node,
} from '../../parse/tree.js'
import { requireTypeNamed } from './require-type.js'
import { chooseName } from '../choose-name.js'
import type { DefinitionContext } from '../definition-context.js'
import { expressionText } from '../expression-text.js'
import { bindTableExpression } from '../table-expression.js'
import { columnType } from '../table/draft-columns.js'
import { creationName, listedName } from '../target-names.js'
import { checkDomainValues, followDomains, type NewDemand } from './domain-columns.js'
import { requireFreeType } from './type-statements.js'

/** A domain while a statement puts it together. */
interface DomainDraft {
  readonly name: QualifiedName
  readonly base: DataType
  form: DomainForm
}

export async function createDomain(ddl: DefinitionContext, statement: CreateDomainStmt): Promise<string> {
  const name = creationName(ddl, listedName(statement.domainname))
  const { typeName, collClause } = statement
  const base = columnType(ddl, {
    ...(typeName === undefined ? {} : { typeName }),
    ...(collClause === undefined ? {} : { collClause }),
  })
  requireFreeType(ddl, name)
  if (base.scalar.category === 'P')
    throw queryError(
      'datatype_mismatch',
      `"${base.scalar.displayName}" is not a valid base type for a domain`,
    )
  const draft: DomainDraft = {
    name,
    base,
    form: { kind: 'domain', base: storedTypeOf(base), notNull: false, checks: [] },
  }
  const clauses = (statement.constraints ?? []).flatMap((node) =>
    'Constraint' in node ? [node.Constraint] : [],
  )
  refuseConflicts(clauses)
  for (const clause of clauses) addClause(ddl, draft, clause)
  await ddl.put('sql.type', objectName(name), { ...name, owner: ddl.user, form: draft.form })
  return 'CREATE DOMAIN'
}

function refuseConflicts(clauses: readonly Constraint[]): void {
  const has = (type: Constraint['contype']): number =>
    clauses.filter(({ contype }) => contype === type).length
  if (has('CONSTR_DEFAULT') > 1) throw queryError('syntax_error', 'multiple default expressions')
  if (has('CONSTR_NULL') > 0 && has('CONSTR_NOTNULL') > 0)
    throw queryError('syntax_error', 'conflicting NULL/NOT NULL constraints')
}

const IMPOSSIBLE: Readonly<Record<string, string>> = {
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_EXCLUSION: 'exclusion',
  CONSTR_FOREIGN: 'foreign key',
}

function addClause(ddl: DefinitionContext, draft: DomainDraft, clause: Constraint): void {
  const kind = clause.contype ?? ''
  const impossible = IMPOSSIBLE[kind]
  if (impossible !== undefined)
    throw queryError('syntax_error', `${impossible} constraints not possible for domains`)
  if (kind.startsWith('CONSTR_ATTR'))
    throw queryError('feature_not_supported', 'specifying constraint deferrability not supported for domains')
  switch (clause.contype) {
    case 'CONSTR_NOTNULL':
      draft.form = { ...draft.form, notNull: true }
      break
    case 'CONSTR_DEFAULT':
      setDefault(ddl, draft, clause.raw_expr)
      break
    case 'CONSTR_CHECK':
      addCheck(ddl, draft, clause)
      break
    case 'CONSTR_NULL':
      break
    default:
      throw unsupported(`${kind} constraint of a domain`)
  }
}

/** @param node undefined, or a plain NULL: none any more */
function setDefault(ddl: DefinitionContext, draft: DomainDraft, node: Node | undefined): void {
  const { default: _, ...form } = draft.form
  draft.form = form
  if (node === undefined || ('A_Const' in node && node.A_Const.isnull === true)) return
  bind(ddl, { ...draft, columns: [] }, node, 'default')
  draft.form = { ...form, default: expressionText(node) }
}

function addCheck(ddl: DefinitionContext, draft: DomainDraft, clause: Constraint): DomainCheckValue {
  const { conname, raw_expr: node } = clause
  const { checks } = draft.form
  if (clause.is_no_inherit === true)
    throw queryError('invalid_object_definition', 'check constraints for domains cannot be marked NO INHERIT')
  const isTaken = (name: string): boolean => checks.some((check) => check.name === name)
  if (conname !== undefined && isTaken(conname))
    throw queryError(
      'duplicate_object',
      `constraint "${conname}" for domain "${draft.name.name}" already exists`,
    )
  bind(ddl, { ...draft, columns: [{ name: 'value', type: draft.base }] }, node, 'check')
  const check = {
    id: Math.max(0, ...checks.map(({ id }) => id)) + 1,
    name: conname ?? chooseName(draft.name.name, undefined, 'check', isTaken),
    sql: expressionText(node),
    ...(clause.skip_validation === true ? { notValid: true as const } : {}),
  }
  draft.form = { ...draft.form, checks: [...checks, check] }
  return check
}

/** Looks for what is wrong with an expression. */
function bind(
  ddl: DefinitionContext,
  {
    name,
    base,
    columns,
  }: Pick<DomainDraft, 'name' | 'base'> & {
    readonly columns: readonly { readonly name: string; readonly type: DataType }[]
  },
  node: Node | undefined,
  place: 'check' | 'default',
): void {
  if (node === undefined) return
  const scope = {
    catalog: ddl.catalog,
    scalar: ddl.state.scalar,
    searchPath: ddl.searchPath,
    name: name.name,
    columns,
  }
  const { domain: _, ...type } = base
  bindTableExpression(
    scope,
    { node, tree: ddl.tree },
    place,
    place === 'check' ? 'condition' : { column: name.name, type },
  )
}

export async function alterDomain(ddl: DefinitionContext, statement: AlterDomainStmt): Promise<string> {
  const { record, form } = requireDomain(ddl, stringsOf(statement.typeName))
  ddl.requireOwner(record.value.owner, `type ${record.value.name}`)
  const base = ddl.catalog.types.dataType(form.base)
  const draft: DomainDraft = { name: record.value, base, form }
  const demand = alter(ddl, draft, statement)
  if (draft.form === form) return 'ALTER DOMAIN'
  await ddl.put('sql.type', record.name, { ...record.value, form: draft.form }, record.id)
  await followDomains(ddl)
  if (demand !== undefined) await checkDomainValues(ddl, record.id, demand)
  return 'ALTER DOMAIN'
}

/** @returns what values that are there already have to be looked at for */
function alter(
  ddl: DefinitionContext,
  draft: DomainDraft,
  statement: AlterDomainStmt,
): NewDemand | undefined {
  const { form } = draft
  switch (statement.subtype) {
    case 'T':
      setDefault(ddl, draft, statement.def)
      return undefined
    case 'N':
      if (form.notNull) draft.form = { ...form, notNull: false }
      return undefined
    case 'O':
      if (form.notNull) return undefined
      draft.form = { ...form, notNull: true }
      return { kind: 'not null' }
    case 'C':
      return addConstraint(ddl, draft, statement)
    case 'X':
      dropConstraint(ddl, draft, statement)
      return undefined
    case 'V':
      return validateConstraint(draft, statement)
    default:
      throw unsupported('this form of ALTER DOMAIN')
  }
}

function addConstraint(
  ddl: DefinitionContext,
  draft: DomainDraft,
  { def }: AlterDomainStmt,
): NewDemand | undefined {
  const clause = def !== undefined && 'Constraint' in def ? def.Constraint : {}
  if (clause.contype !== 'CONSTR_CHECK') {
    addClause(ddl, draft, clause)
    return undefined
  }
  const check = addCheck(ddl, draft, clause)
  return check.notValid === true ? undefined : { kind: 'check', name: check.name }
}

function dropConstraint(ddl: DefinitionContext, draft: DomainDraft, statement: AlterDomainStmt): void {
  const { name = '' } = statement
  const { checks } = draft.form
  const kept = checks.filter((check) => check.name !== name)
  if (kept.length < checks.length) draft.form = { ...draft.form, checks: kept }
  else if (statement.missing_ok === true)
    ddl.notice(`constraint "${name}" of domain "${draft.name.name}" does not exist, skipping`)
  else throw missing(draft, name)
}

function validateConstraint(draft: DomainDraft, { name = '' }: AlterDomainStmt): NewDemand | undefined {
  const { checks } = draft.form
  const found = checks.find((check) => check.name === name)
  if (found === undefined) throw missing(draft, name)
  if (found.notValid !== true) return undefined
  const { notValid: _, ...valid } = found
  draft.form = { ...draft.form, checks: checks.map((check) => (check === found ? valid : check)) }
  return { kind: 'check', name }
}

function missing({ name: { name: domain } }: DomainDraft, name: string): Error {
  return queryError('undefined_object', `constraint "${name}" of domain "${domain}" does not exist`)
}

/** ALTER DOMAIN … RENAME CONSTRAINT. */
export async function renameDomainConstraint(
  ddl: DefinitionContext,
  names: readonly string[],
  before: string,
  after: string,
): Promise<string> {
  const { record, form } = requireDomain(ddl, names)
  ddl.requireOwner(record.value.owner, `type ${record.value.name}`)
  const { name } = record.value
  if (!form.checks.some((check) => check.name === before))
    throw queryError('undefined_object', `constraint "${before}" for domain ${name} does not exist`)
  if (form.checks.some((check) => check.name === after))
    throw queryError('duplicate_object', `constraint "${after}" for domain ${name} already exists`)
  const checks = form.checks.map((check) => (check.name === before ? { ...check, name: after } : check))
  await ddl.put('sql.type', record.name, { ...record.value, form: { ...form, checks } }, record.id)
  await followDomains(ddl)
  return 'ALTER DOMAIN'
}

/** @throws undefined_object, wrong_object_type */
export function requireDomain(
  ddl: DefinitionContext,
  names: readonly string[],
): { readonly record: SqlRecord<'sql.type'>; readonly form: DomainForm } {
  const found = ddl.catalog.findType({ name: names.at(-1) ?? '', schema: names.at(-2) }, ddl.searchPath)
  if (found !== undefined && found.domain === undefined)
    throw queryError('wrong_object_type', `${found.displayName} is not a domain`)
  const record = requireTypeNamed(ddl, names)
  const { form, name } = record.value
  if (form.kind !== 'domain') throw queryError('wrong_object_type', `${name} is not a domain`)
  return { record, form }
}
