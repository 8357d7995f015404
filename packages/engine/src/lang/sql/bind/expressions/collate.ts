import type { Expression } from '../../../../plan/expression.js'
import type { Collation } from '../../../../scalar/data-type.js'
import { stringsOf, type CollateClause, type Node } from '../../parse/tree.js'
import { leftmost, note, retyped } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import type { QueryScope } from '../scope/query-scope.js'
import { isCollated } from '../types/collations.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { bindExpression } from './bind-expression.js'

/** `x COLLATE "name"`. */
export function bindCollate(scope: QueryScope, node: CollateClause): Expression {
  const { statement } = scope
  const { location = 0 } = node
  const arg = resolveUnknown(statement, bindExpression(scope, node.arg))
  if (!isCollated(arg.type)) {
    throw statement.error(
      'datatype_mismatch',
      `collations are not supported by type ${arg.type.scalar.displayName}`,
      location,
    )
  }
  const collation = findCollation(statement, node.collname, location)
  const { scalar, modifier } = arg.type
  const type = collation === undefined ? { scalar, modifier } : { scalar, modifier, collation }
  const start = leftmost([arg], location)
  return note(retyped(arg, type), {
    collation: 'explicit',
    collateLocation: location,
    origin: undefined,
    ...(start === undefined ? {} : { location: start }),
  })
}

/** Undefined: the default one. @throws undefined_object */
export function findCollation(
  statement: StatementState,
  names: readonly Node[] | undefined,
  location: number | undefined,
): Collation | undefined {
  const written = stringsOf(names)
  const [name, schema] = [written.at(-1) ?? '', written.at(-2)]
  if (name === 'default') return undefined
  const { catalog } = statement.context
  const collation = catalog.findCollation(schema === undefined ? { name } : { schema, name })
  if (collation !== undefined) return collation
  throw statement.error(
    'undefined_object',
    `collation "${written.join('.')}" for encoding "UTF8" does not exist`,
    location,
  )
}
