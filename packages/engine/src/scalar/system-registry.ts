import { allCasts } from './casts/all-casts.js'
import type { ScalarType } from './data-type.js'
import { allFunctions } from './functions/all-functions.js'
import type { AnyFunction, Cast, Operator } from './functions/function.js'
import { allOperators } from './operators/all-operators.js'
import type { ScalarRegistry } from './registry.js'
import { systemTypes } from './types/system-types.js'

/** Names that SQL has for types, beside `typname`. */
const ALIASES: Readonly<Record<string, string>> = {
  bigint: 'int8',
  'bit varying': 'varbit',
  boolean: 'bool',
  character: 'bpchar',
  'character varying': 'varchar',
  'char varying': 'varchar',
  dec: 'numeric',
  decimal: 'numeric',
  'double precision': 'float8',
  float: 'float8',
  int: 'int4',
  integer: 'int4',
  real: 'float4',
  smallint: 'int2',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
}

/** All types, functions, operators and casts of the system. */
class SystemRegistry implements ScalarRegistry {
  readonly #typesByOid = new Map<number, ScalarType>()
  readonly #typesByName = new Map<string, ScalarType>()
  readonly #arrays = new Map<number, ScalarType>()
  readonly #functionsByName = new Map<string, AnyFunction[]>()
  readonly #functionsByOid = new Map<number, AnyFunction>()
  readonly #operatorsByName = new Map<string, Operator[]>()
  readonly #casts = new Map<number, Map<number, Cast>>()

  constructor() {
    for (const type of systemTypes) this.#addType(type)
    for (const each of allFunctions) {
      append(this.#functionsByName, each.name, each)
      this.#functionsByOid.set(each.oid, each)
    }
    for (const operator of allOperators) append(this.#operatorsByName, operator.name, operator)
    for (const cast of allCasts) {
      const targets = this.#casts.get(cast.source.oid) ?? new Map<number, Cast>()
      this.#casts.set(cast.source.oid, targets.set(cast.target.oid, cast))
    }
  }

  #addType(type: ScalarType): void {
    this.#typesByOid.set(type.oid, type)
    this.#typesByName.set(type.name, type)
    // Lists such as int2vector have elements, but are not the type of arrays of them.
    if (type.element !== undefined && type.name.startsWith('_')) this.#arrays.set(type.element.oid, type)
  }

  typeByOid(oid: number): ScalarType | undefined {
    return this.#typesByOid.get(oid)
  }

  typeByName(name: string): ScalarType | undefined {
    return this.#typesByName.get(name) ?? this.#typesByName.get(ALIASES[name] ?? '')
  }

  arrayOf(element: ScalarType): ScalarType | undefined {
    return this.#arrays.get(element.oid)
  }

  functionsByName(name: string): readonly AnyFunction[] {
    return this.#functionsByName.get(name) ?? []
  }

  functionByOid(oid: number): AnyFunction | undefined {
    return this.#functionsByOid.get(oid)
  }

  operatorsByName(name: string): readonly Operator[] {
    return this.#operatorsByName.get(name) ?? []
  }

  castBetween(source: ScalarType, target: ScalarType): Cast | undefined {
    return this.#casts.get(source.oid)?.get(target.oid)
  }

  types(): Iterable<ScalarType> {
    return systemTypes
  }

  functions(): Iterable<AnyFunction> {
    return allFunctions
  }

  operators(): Iterable<Operator> {
    return allOperators
  }

  casts(): Iterable<Cast> {
    return allCasts
  }
}

function append<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [item])
  else list.push(item)
}

/** What the system brings with it; a session's catalog adds the types that users made. */
export const systemRegistry: ScalarRegistry = new SystemRegistry()
