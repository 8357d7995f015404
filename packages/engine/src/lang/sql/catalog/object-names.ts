/**
 * What tables of SQL are called in the catalog that all models share. Those of `public` have their plain names, so that
 * the typed API and SQL see the same tables; names of other schemas hold a character that users cannot write.
 */
import type { QualifiedName } from './records.js'

const SEPARATOR = '\u001f'

export const DEFAULT_SCHEMA = 'public'

export function objectName({ schema, name }: QualifiedName): string {
  return schema === DEFAULT_SCHEMA ? name : `${schema}${SEPARATOR}${name}`
}

export function splitObjectName(text: string): QualifiedName {
  const at = text.indexOf(SEPARATOR)
  return at < 0
    ? { schema: DEFAULT_SCHEMA, name: text }
    : { schema: text.slice(0, at), name: text.slice(at + 1) }
}
