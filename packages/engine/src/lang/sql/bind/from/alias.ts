import { stringsOf, type Alias } from '../../parse/tree.js'
import type { StatementState } from '../context/statement-state.js'

/** Names of columns with those that an alias gives to the first of them. @throws invalid_column_reference for too many */
export function aliasedNames(
  statement: StatementState,
  alias: Alias | undefined,
  table: string,
  names: readonly string[],
): string[] {
  const given = stringsOf(alias?.colnames)
  if (given.length > names.length) {
    throw statement.error(
      'invalid_column_reference',
      `table "${table}" has ${names.length} columns available but ${given.length} columns specified`,
    )
  }
  return names.map((name, index) => given[index] ?? name)
}
