import { defined } from '@orbit-ts/base'
import type { TypeLookup } from '../../../relation/column-data-type.js'
import { findCollation } from '../../../scalar/collation/collations.js'
import type { DataType, Domain, ScalarType } from '../../../scalar/data-type.js'
import type { ScalarRegistry } from '../../../scalar/registry.js'
import { makeArrayType } from '../../../scalar/types/array-type.js'
import { makeEnumType } from '../../../scalar/types/enum-type.js'
import { makeCompositeType } from '../../../scalar/types/record-types.js'
import { arrayTypeOid, objectIdOf, objectOid, rowTypeOid } from './oids.js'
import { quoteName } from './quote-name.js'
import { DEFAULT_SCHEMA } from './object-names.js'
import type { DomainForm, QualifiedName, SqlRecord, StoredType } from './records.js'

/** The columns of a relation, for the type of its rows. */
export interface RowSource extends QualifiedName {
  readonly id: number
  readonly fields: () => readonly { readonly name: string; readonly type: DataType }[]
}

/** A type that is no part of the system, with where it is from. */
export interface UserType extends QualifiedName {
  readonly id: number
  readonly type: ScalarType
  readonly array: ScalarType
  /** Of the rows of a table or view. */
  readonly isRow: boolean
}

/** Types that users made, and those of the rows of tables. Each is made when it is first asked for. */
export class UserTypes implements TypeLookup {
  readonly #registry: ScalarRegistry
  readonly #records: ReadonlyMap<number, SqlRecord<'sql.type'>>
  readonly #byName: ReadonlyMap<string, SqlRecord<'sql.type'>>
  readonly #rows: ReadonlyMap<number, RowSource>
  readonly #rowsByName: ReadonlyMap<string, RowSource>
  readonly #made = new Map<number, UserType>()
  readonly #arrays = new Map<number, UserType>()

  constructor(
    registry: ScalarRegistry,
    records: readonly SqlRecord<'sql.type'>[],
    rows: readonly RowSource[],
  ) {
    this.#registry = registry
    this.#records = new Map(records.map((record) => [record.id, record]))
    this.#byName = new Map(records.map((record) => [nameKey(record.value), record]))
    this.#rows = new Map(rows.map((row) => [row.id, row]))
    this.#rowsByName = new Map(rows.map((row) => [nameKey(row), row]))
  }

  systemType(name: string): ScalarType | undefined {
    return this.#registry.typeByName(name)
  }

  domain(id: number): Domain | undefined {
    return this.#ofRecord(id)?.type.domain
  }

  userType(id: number): ScalarType | undefined {
    return this.#ofRecord(id)?.type
  }

  arrayOf(element: ScalarType): ScalarType | undefined {
    return this.#registry.arrayOf(element) ?? this.#byOid(element.oid)?.array
  }

  collation(name: string) {
    return findCollation(name)
  }

  /** Of a schema; `_name` is the array. */
  find({ schema, name }: QualifiedName): ScalarType | undefined {
    const found = this.#named({ schema, name })
    if (found !== undefined) return found.type
    return name.startsWith('_') ? this.#named({ schema, name: name.slice(1) })?.array : undefined
  }

  byOid(oid: number): ScalarType | undefined {
    const found = this.#byOid(oid)
    if (found !== undefined) return found.type
    for (const each of this.all()) if (each.array.oid === oid) return each.array
    return undefined
  }

  /** Where a type that is no part of the system is from; of an array, where that of its elements is. */
  locate(oid: number): (QualifiedName & { readonly isArray: boolean }) | undefined {
    const id = objectIdOf(oid)
    const record = id === undefined ? undefined : this.#records.get(id)
    if (record !== undefined) return { ...record.value, isArray: false }
    for (const [each, { value }] of this.#records)
      if (arrayTypeOid(each) === oid) return { ...value, isArray: true }
    for (const [each, row] of this.#rows)
      if (rowTypeOid(each) === oid || arrayTypeOid(each) === oid)
        return { ...row, isArray: arrayTypeOid(each) === oid }
    return undefined
  }

  /** What a view or a composite type stores of a type. */
  dataType({ oid, modifier, collation }: StoredType): DataType {
    const found = collation === undefined ? undefined : findCollation(collation)
    const scalar = defined(this.#registry.typeByOid(oid) ?? this.byOid(oid), `the type ${oid}`)
    return {
      ...baseOf({ scalar, modifier }),
      ...(found === undefined ? {} : { collation: found }),
    }
  }

  *all(): Generator<UserType> {
    for (const id of this.#records.keys()) yield defined(this.#ofRecord(id), 'the type')
    for (const id of this.#rows.keys()) yield defined(this.#ofRow(id), 'the type')
  }

  #named(name: QualifiedName): UserType | undefined {
    const record = this.#byName.get(nameKey(name))
    if (record !== undefined) return this.#ofRecord(record.id)
    const row = this.#rowsByName.get(nameKey(name))
    return row === undefined ? undefined : this.#ofRow(row.id)
  }

  #byOid(oid: number): UserType | undefined {
    const id = objectIdOf(oid)
    if (id !== undefined) return this.#ofRecord(id)
    for (const row of this.#rows.keys()) if (rowTypeOid(row) === oid) return this.#ofRow(row)
    return undefined
  }

  #ofRecord(id: number): UserType | undefined {
    const known = this.#made.get(id)
    const record = this.#records.get(id)
    if (known !== undefined || record === undefined) return known
    const { value } = record
    const { schema, name, form } = value
    const naming = { oid: objectOid(id), name, displayName: displayName(value) }
    const type =
      form.kind === 'enum'
        ? makeEnumType({ ...naming, labels: form.labels.map(({ label }) => label) })
        : form.kind === 'domain'
          ? makeDomainType(naming, this.dataType(form.base), form)
          : makeCompositeType({
              ...naming,
              fields: form.fields.map((field) => ({ name: field.name, type: this.dataType(field) })),
            })
    const made = { id, schema, name, type, array: arrayType(id, type), isRow: false }
    this.#made.set(id, made)
    return made
  }

  #ofRow(id: number): UserType | undefined {
    const known = this.#arrays.get(id)
    const row = this.#rows.get(id)
    if (known !== undefined || row === undefined) return known
    const { schema, name, fields } = row
    const type = makeCompositeType({
      oid: rowTypeOid(id),
      name,
      displayName: displayName(row),
      fields: fields(),
    })
    const made = { id, schema, name, type, array: arrayType(id, type), isRow: true }
    this.#arrays.set(id, made)
    return made
  }
}

/** What expressions of a type are of: a domain's base type. */
export function baseOf(type: DataType): DataType {
  const { domain } = type.scalar
  return domain === undefined ? type : { ...domain.base, domain }
}

/** Of a domain over a domain, the conditions of both hold, and the base type is the inner one's. */
function makeDomainType(
  naming: { readonly oid: number; readonly name: string; readonly displayName: string },
  { domain: inner, ...base }: DataType,
  { notNull, checks, default: fallback = inner?.default }: DomainForm,
): ScalarType {
  const own = [...checks].sort((a, b) => (a.name < b.name ? -1 : 1))
  const domain: Domain = {
    ...naming,
    base,
    isNotNull: notNull || inner?.isNotNull === true,
    checks: [...(inner?.checks ?? []), ...own.map(({ name, sql }) => ({ name, sql }))],
    ...(fallback === undefined ? {} : { default: fallback }),
  }
  return { ...base.scalar, ...naming, isPreferred: false, domain }
}

/** What a definition keeps of a type. */
export function storedTypeOf({ scalar, modifier, collation, domain }: DataType): StoredType {
  if (domain !== undefined) return { oid: domain.oid, modifier: -1 }
  return { oid: scalar.oid, modifier, ...(collation === undefined ? {} : { collation: collation.name }) }
}

function arrayType(id: number, element: ScalarType): ScalarType {
  return makeArrayType(element, { oid: arrayTypeOid(id), name: `_${element.name}` })
}

function displayName({ schema, name }: QualifiedName): string {
  const quoted = quoteName(name)
  return schema === DEFAULT_SCHEMA ? quoted : `${quoteName(schema)}.${quoted}`
}

export const nameKey = ({ schema, name }: QualifiedName): string => JSON.stringify([schema, name])
