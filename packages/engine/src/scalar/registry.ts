import type { ScalarType } from './data-type.js'
import type { AnyFunction, Cast, Operator } from './functions/function.js'

/**
 * All that names can mean in expressions: PostgreSQL's types, functions, operators and casts, and Orbit's own. One
 * constant for the system; a session's catalog adds the types that users made.
 */
export interface ScalarRegistry {
  typeByOid(oid: number): ScalarType | undefined
  /** By `typname` or one of SQL's names for it (`integer`, `double precision`, `character varying`), lower case. */
  typeByName(name: string): ScalarType | undefined
  arrayOf(element: ScalarType): ScalarType | undefined
  /** Lower case, as `pg_proc.proname`. */
  functionsByName(name: string): readonly AnyFunction[]
  functionByOid(oid: number): AnyFunction | undefined
  /** `left` is undefined for prefix operators. */
  operatorsByName(name: string): readonly Operator[]
  castBetween(source: ScalarType, target: ScalarType): Cast | undefined
  types(): Iterable<ScalarType>
  functions(): Iterable<AnyFunction>
  operators(): Iterable<Operator>
  casts(): Iterable<Cast>
}
