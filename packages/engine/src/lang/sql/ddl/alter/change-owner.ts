import { queryError, unsupported } from '../../../../scalar/condition.js'
import { SYSTEM_OIDS } from '../../catalog/oids.js'
import type { AlterOwnerStmt, RoleSpec } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { putFacts } from '../put-facts.js'
import { requireKind, requireType } from '../type/require-type.js'
import { roleName } from '../role/role-name.js'

/** OWNER TO, of anything with an oid. The caller has checked that the user owns it. */
export async function changeOwner(
  ddl: DefinitionContext,
  oid: number,
  spec: RoleSpec | undefined,
): Promise<void> {
  const owner = roleName(ddl, spec)
  if (!ddl.isSuperuser && !ddl.isMember(owner))
    throw queryError('insufficient_privilege', `must be member of role "${owner}"`)
  await putFacts(ddl, oid, (facts) => ({ ...facts, owner }))
}

/** ALTER SCHEMA, TYPE, DATABASE … OWNER TO. */
export async function alterOwner(ddl: DefinitionContext, statement: AlterOwnerStmt): Promise<string> {
  const { objectType, object, newowner } = statement
  const tag = `ALTER ${(objectType ?? '').replace('OBJECT_', '')}`
  const name = object !== undefined && 'String' in object ? (object.String.sval ?? '') : ''
  switch (objectType) {
    case 'OBJECT_SCHEMA': {
      const schema = ddl.catalog.schema(name)
      if (schema === undefined) throw queryError('invalid_schema_name', `schema "${name}" does not exist`)
      ddl.requireOwner(schema.owner, `schema ${name}`)
      await changeOwner(ddl, schema.oid, newowner)
      return tag
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const record = requireType(ddl, object)
      requireKind(record, objectType)
      ddl.requireOwner(record.value.owner, `type ${record.value.name}`)
      await ddl.put('sql.type', record.name, { ...record.value, owner: roleName(ddl, newowner) }, record.id)
      return tag
    }
    case 'OBJECT_DATABASE':
      if (!ddl.isSuperuser) throw queryError('insufficient_privilege', `must be owner of database ${name}`)
      await changeOwner(ddl, SYSTEM_OIDS.database, newowner)
      return tag
    default:
      throw unsupported(`${tag} OWNER TO`)
  }
}
