import { unreachable } from '@orbit-ts/base'
import type { NameLookup, RegKind } from '../../../scalar/scalar-context.js'
import type { ObjectName } from '../catalog-snapshot.js'
import { DEFAULT_SCHEMA } from './object-names.js'
import { parseName } from './parse-name.js'
import { quoteName } from './quote-name.js'
import type { LoadedCatalog } from './snapshot.js'

/** The search path of those who have none of their own: where the names of everybody are. */
const PATH: readonly string[] = [DEFAULT_SCHEMA]

/** Names of the catalog's objects as text, and back. */
export class NameResolver implements NameLookup {
  readonly #catalog: LoadedCatalog

  constructor(catalog: LoadedCatalog) {
    this.#catalog = catalog
  }

  oidOf(kind: RegKind, text: string, path: readonly string[] = PATH): number | undefined {
    switch (kind) {
      case 'class':
        return this.#classOid(text, path)
      case 'type':
        return this.#typeOid(text, path)
      case 'proc':
        return this.#catalog.registry.functionsByName(parseName(text).at(-1) ?? '')[0]?.oid
      case 'namespace':
        return this.#catalog.schema(parseName(text).at(-1) ?? '')?.oid
      case 'role':
        return this.#catalog.role(parseName(text).at(-1) ?? '')?.oid
      default:
        return unreachable(kind, 'kind of name')
    }
  }

  nameOf(kind: RegKind, oid: number, path: readonly string[] = PATH): string | undefined {
    switch (kind) {
      case 'class':
        return this.#className(oid, path)
      case 'type':
        return this.#catalog.typeByOid(oid)?.displayName
      case 'proc':
        return this.#catalog.registry.functionByOid(oid)?.name
      case 'namespace':
        return quoted(this.#catalog.schemas().find((schema) => schema.oid === oid)?.name)
      case 'role':
        return quoted(this.#catalog.roles().find((role) => role.oid === oid)?.name)
      default:
        return unreachable(kind, 'kind of name')
    }
  }

  #classOid(text: string, path: readonly string[]): number | undefined {
    return this.#findClass(objectNameOf(parseName(text)), path)
  }

  #findClass(name: ObjectName, path: readonly string[]): number | undefined {
    const found = this.#catalog.findClass(name, path)
    if (found === undefined) return this.#catalog.findIndex(name, path)?.oid
    return found.kind === 'relation' ? found.relation.oid : found.oid
  }

  #typeOid(text: string, path: readonly string[]): number | undefined {
    const plain = text.trim().replace(/\(.*\)/, '')
    const isArray = /\[\d*\]$/.test(plain)
    const element = plain.replace(/(?:\s*\[\d*\])+$/, '')
    const catalog = this.#catalog
    const type =
      catalog.registry.typeByName(element.toLowerCase().replace(/\s+/g, ' ')) ??
      catalog.findType(objectNameOf(parseName(element)), path)
    return type === undefined || !isArray ? type?.oid : catalog.arrayOf(type)?.oid
  }

  #className(oid: number, path: readonly string[]): string | undefined {
    const found = this.#catalog.classByOid(oid)
    const index = found === undefined ? this.#catalog.indexByOid(oid) : undefined
    const named = found === undefined ? index : found.kind === 'relation' ? found.relation : found
    if (named === undefined) return undefined
    const isPlain = this.#findClass({ name: named.name }, path) === oid
    return isPlain ? quoteName(named.name) : `${quoteName(named.schema)}.${quoteName(named.name)}`
  }
}

function objectNameOf(parts: readonly string[]): ObjectName {
  const name = parts.at(-1) ?? ''
  const schema = parts.at(-2)
  return schema === undefined ? { name } : { schema, name }
}

const quoted = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : quoteName(name)
