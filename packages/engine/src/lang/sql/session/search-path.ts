import { queryError } from '../../../scalar/condition.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import { temporarySchema } from '../catalog/temporary-schema.js'
import type { SessionState } from './session-state.js'

/** The names in a list such as `"$user", public`: folded unless they are quoted. @throws invalid_parameter_value */
export function splitNames(text: string): string[] {
  const names: string[] = []
  let rest = text.trim()
  while (rest !== '') {
    const match = /^(?:"((?:[^"]|"")*)"|([^\s,"]+))\s*(,|$)\s*/.exec(rest)
    if (match === null)
      throw queryError('invalid_parameter_value', `invalid value for parameter "search_path": "${text}"`, {
        detail: 'List syntax is invalid.',
      })
    const [whole, quoted, plain = ''] = match
    names.push(quoted === undefined ? plain.toLowerCase() : quoted.replaceAll('""', '"'))
    rest = rest.slice(whole.length)
  }
  return names
}

/** Orbit's own schema, which is nobody's. */
const SYSTEM_SCHEMA = 'orbit'

/** The schemas that names are looked up in: `$user` is the user's own, and those that do not exist are left out. */
export function searchPath(setting: string, user: string, exists: (schema: string) => boolean): string[] {
  return splitNames(setting)
    .map((name) => (name !== '$user' ? name : user === SYSTEM_SCHEMA ? '' : user))
    .filter((name, at, all) => name !== '' && all.indexOf(name) === at && exists(name))
}

/** The schemas in which a session's statements look names up: its temporary objects come first. */
export function sessionPath(
  { settings, user, processId }: Pick<SessionState, 'settings' | 'user' | 'processId'>,
  catalog: Pick<CatalogSnapshot, 'hasSchema'>,
): readonly string[] {
  const temporary = temporarySchema(processId)
  const path = searchPath(
    settings.get('search_path'),
    user,
    (name) => name === 'pg_temp' || catalog.hasSchema(name),
  )
    .map((name) => (name === 'pg_temp' ? temporary : name))
    .filter((name) => name !== temporary || catalog.hasSchema(name))
  return catalog.hasSchema(temporary) && !path.includes(temporary) ? [temporary, ...path] : path
}
