import { unreachable } from '@orbit-ts/base'
import { orbitFunctions } from '../../../relation/models/orbit-functions.js'
import { queryError } from '../../../scalar/condition.js'
import type { NameLookup, RegKind } from '../../../scalar/scalar-context.js'
import type { ObjectName } from '../catalog-snapshot.js'
import { MODELS_SCHEMA } from './model-classes.js'
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
        return this.#functionOid(text)
      case 'procedure':
        return this.#procedureOid(text, path)
      case 'operator':
        return this.#operatorOid(text)
      case 'operator with types':
        return this.#typedOperatorOid(text, path)
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
        return this.#typeName(oid, path)
      case 'proc':
        return this.#functionName(oid)
      case 'procedure':
        return this.#procedureName(oid)
      case 'operator':
        return this.#operatorName(oid)
      case 'operator with types':
        return this.#typedOperatorName(oid)
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

  #typeName(oid: number, path: readonly string[]): string | undefined {
    const made = this.#catalog.types.locate(oid)
    if (made === undefined) return this.#catalog.typeByOid(oid)?.displayName
    const { schema, name, isArray } = made
    const own = isArray ? this.#catalog.types.find({ schema, name })?.oid : oid
    const isPlain = this.#catalog.findType({ name }, path)?.oid === own
    const shown = isPlain ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`
    return isArray ? `${shown}[]` : shown
  }

  #functionOid(text: string): number | undefined {
    const found = this.#catalog.registry.functionsByName(parseName(text).at(-1) ?? '')
    if (found.length > 1) throw queryError('ambiguous_function', `more than one function named "${text}"`)
    return found[0]?.oid
  }

  /** `name(type,type)`. */
  #procedureOid(text: string, path: readonly string[]): number | undefined {
    const match = /^(.*?)\((.*)\)\s*$/s.exec(text)
    if (match === null) throw queryError('invalid_text_representation', 'expected a left parenthesis')
    const [, name = '', list = ''] = match
    const types = list.trim() === '' || list.trim() === '*' ? [] : list.split(',')
    const oids = types.map((type) => this.#typeOid(type, path))
    return this.#catalog.registry
      .functionsByName(parseName(name).at(-1) ?? '')
      .find(
        ({ parameters }) =>
          parameters.length === oids.length && parameters.every(({ oid }, at) => oid === oids[at]),
      )?.oid
  }

  /** With its schema where others have its name. */
  #functionName(oid: number): string | undefined {
    const { registry } = this.#catalog
    const found = registry.functionByOid(oid)
    if (found === undefined) return undefined
    return registry.functionsByName(found.name).length > 1 ? `pg_catalog.${found.name}` : found.name
  }

  #procedureName(oid: number): string | undefined {
    const ofModels = orbitFunctions.find((each) => each.oid === oid)
    const found = ofModels ?? this.#catalog.registry.functionByOid(oid)
    if (found === undefined) return undefined
    const name =
      ofModels !== undefined
        ? `${MODELS_SCHEMA}.${found.name}`
        : found.name.startsWith('_pg_')
          ? `information_schema.${found.name}`
          : found.name
    return `${name}(${found.parameters.map(({ displayName }) => displayName).join(',')})`
  }

  #operatorOid(text: string): number | undefined {
    const name = withoutSchema(text)
    const found = [...this.#catalog.registry.operators()].filter((each) => each.name === name)
    if (found.length > 1) throw queryError('ambiguous_function', `more than one operator named ${text}`)
    return found[0]?.oid
  }

  /** `+(type,type)`, with NONE on the left of a prefix operator. */
  #typedOperatorOid(text: string, path: readonly string[]): number | undefined {
    const match = /^(.*?)\((.*)\)\s*$/s.exec(text)
    if (match === null) throw queryError('invalid_text_representation', 'expected a left parenthesis')
    const [, given = '', list = ''] = match
    const name = withoutSchema(given)
    const [left, right] = list
      .split(',')
      .map((type) => (type.trim().toLowerCase() === 'none' ? undefined : this.#typeOid(type, path)))
    return [...this.#catalog.registry.operators()].find(
      (each) => each.name === name && each.left?.oid === left && each.right.oid === right,
    )?.oid
  }

  #operatorName(oid: number): string | undefined {
    const operators = [...this.#catalog.registry.operators()]
    const name = operators.find((each) => each.oid === oid)?.name
    if (name === undefined) return undefined
    return operators.filter((each) => each.name === name).length > 1 ? `pg_catalog.${name}` : name
  }

  #typedOperatorName(oid: number): string | undefined {
    const found = [...this.#catalog.registry.operators()].find((each) => each.oid === oid)
    if (found === undefined) return undefined
    return `${found.name}(${found.left?.displayName ?? 'NONE'},${found.right.displayName})`
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

const withoutSchema = (operator: string): string => operator.trim().replace(/^[^.]*\./, '')

function objectNameOf(parts: readonly string[]): ObjectName {
  const name = parts.at(-1) ?? ''
  const schema = parts.at(-2)
  return schema === undefined ? { name } : { schema, name }
}

const quoted = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : quoteName(name)
