import { defined, OrbitError } from '@orbit-ts/base'
import type { ColumnId } from '../../../../plan/expression.js'
import { queryError, unsupported, type Condition, type ErrorFields } from '../../../../scalar/condition.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import type { StatementTree } from '../../parse/tree.js'
import type { Watcher } from '../scope/query-scope.js'
import type { BindContext } from '../bind-context.js'
import type { Binder } from '../binder.js'
import { Parameters } from './parameters.js'
import { Privileges } from './privileges.js'
import { OID } from './system-types.js'

/** What is counted through the whole statement, the views in it included. */
interface Counters {
  column: number
  definition: number
  isLocking: boolean
}

/** What all parts of one statement have in common. A view's query is a part with a text of its own. */
export class StatementState {
  readonly binder: Binder
  readonly context: BindContext
  readonly tree: StatementTree
  readonly searchPath: readonly string[]
  readonly parameters: Parameters
  readonly privileges: Privileges
  /** Whose privileges count; undefined: the session's user. */
  readonly role: string | undefined
  /** Views that this part is the query of, outermost first. */
  readonly views: readonly number[]
  /** Those who want to know what is met in the expression that is being bound, outermost first. */
  readonly watchers: Watcher[]
  /** Positions of errors are of use only in the text that the client sent. */
  readonly #showsPositions: boolean
  readonly #counters: Counters

  private constructor(
    binder: Binder,
    context: BindContext,
    tree: StatementTree,
    part: {
      readonly searchPath: readonly string[]
      readonly parameters: Parameters
      readonly privileges: Privileges
      readonly role: string | undefined
      readonly views: readonly number[]
      readonly showsPositions: boolean
      readonly counters: Counters
      readonly watchers: Watcher[]
    },
  ) {
    this.binder = binder
    this.context = context
    this.tree = tree
    this.searchPath = part.searchPath
    this.parameters = part.parameters
    this.privileges = part.privileges
    this.role = part.role
    this.views = part.views
    this.#showsPositions = part.showsPositions
    this.#counters = part.counters
    this.watchers = part.watchers
  }

  /** @param showsPositions false where the text is not the client's */
  static start(
    binder: Binder,
    context: BindContext,
    tree: StatementTree,
    showsPositions = true,
  ): StatementState {
    const unknown: DataType = {
      scalar: defined(context.registry.typeByOid(OID.unknown), 'the type unknown'),
      modifier: -1,
    }
    return new StatementState(binder, context, tree, {
      searchPath: context.searchPath,
      parameters: new Parameters(context.parameterTypes, unknown, context.hasFixedParameters === true),
      privileges: new Privileges(),
      role: undefined,
      views: [],
      showsPositions,
      counters: { column: 0, definition: 0, isLocking: false },
      watchers: [],
    })
  }

  /** For the query of a view. */
  within(
    view: { readonly oid: number; readonly owner: string; readonly searchPath: readonly string[] },
    tree: StatementTree,
  ): StatementState {
    return new StatementState(this.binder, this.context, tree, {
      searchPath: view.searchPath,
      parameters: this.parameters,
      privileges: this.privileges,
      role: view.owner,
      views: [...this.views, view.oid],
      showsPositions: false,
      counters: this.#counters,
      watchers: [],
    })
  }

  newColumn(): ColumnId {
    return ++this.#counters.column
  }

  newDefinition(): number {
    return ++this.#counters.definition
  }

  /** What running the statement does beyond giving rows. */
  get effects(): { isLocking: boolean } {
    return this.#counters
  }

  offset(location: number | undefined): number | undefined {
    return this.#showsPositions && location !== undefined ? this.tree.offsetOf(location) : undefined
  }

  /** An error to throw, with its place in the text. */
  error(
    condition: Condition,
    message: string,
    location?: number,
    fields: Omit<ErrorFields, 'offset'> = {},
  ): OrbitError {
    const offset = this.offset(location)
    return queryError(condition, message, offset === undefined ? fields : { ...fields, offset })
  }

  /** Calls `work`; its error, where it has no place, gets this one. */
  placed<T>(location: number | undefined, work: () => T): T {
    try {
      return work()
    } catch (error) {
      const offset = this.offset(location)
      if (!(error instanceof OrbitError) || offset === undefined || 'offset' in error.details) throw error
      throw new OrbitError(error.code, error.reason, { ...error.details, offset }, { cause: error.cause })
    }
  }

  unsupported(feature: string, location?: number): OrbitError {
    return unsupported(feature, this.offset(location))
  }

  /** A type of the system. */
  scalar(oid: number): ScalarType {
    return defined(this.context.registry.typeByOid(oid), `the type with OID ${oid}`)
  }

  /** A type of the system without modifier. */
  type(oid: number): DataType {
    return { scalar: this.scalar(oid), modifier: -1 }
  }

  typeByOid(oid: number): ScalarType | undefined {
    return this.context.registry.typeByOid(oid) ?? this.context.catalog.typeByOid(oid)
  }

  arrayOf(element: ScalarType): ScalarType | undefined {
    return this.context.registry.arrayOf(element) ?? this.context.catalog.arrayOf(element)
  }
}
