/** Types that users made, by name. */
import { queryError } from '../../../../scalar/condition.js'
import { objectIdOf } from '../../catalog/oids.js'
import type { SqlRecord } from '../../catalog/records.js'
import { stringsOf, type Node } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { shown } from '../target-names.js'

/** @throws wrong_object_type for what is no domain */
export function requireKind({ value }: SqlRecord<'sql.type'>, objectType: string | undefined): void {
  if (objectType === 'OBJECT_DOMAIN' && value.form.kind !== 'domain')
    throw queryError('wrong_object_type', `"${value.name}" is not a domain`)
}

/** @throws undefined_object */
export function requireType(ddl: DefinitionContext, object: Node | undefined): SqlRecord<'sql.type'> {
  return requireTypeNamed(ddl, namesOf(object))
}

/** The parts of a type's name. */
export function namesOf(object: Node | undefined): string[] {
  if (object === undefined) return []
  return stringsOf('List' in object ? object.List.items : 'TypeName' in object ? object.TypeName.names : [])
}

export function requireTypeNamed(ddl: DefinitionContext, names: readonly string[]): SqlRecord<'sql.type'> {
  const name = { name: names.at(-1) ?? '', schema: names.at(-2) }
  const type = ddl.catalog.findType(name, ddl.searchPath)
  const id = type === undefined ? undefined : objectIdOf(type.oid)
  const record = ddl.catalog.typeRecords.find((each) => each.id === id)
  if (record === undefined) throw queryError('undefined_object', `type "${shown(name)}" does not exist`)
  return record
}
