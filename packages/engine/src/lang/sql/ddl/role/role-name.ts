import { queryError } from '../../../../scalar/condition.js'
import type { RoleSpec } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'

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
