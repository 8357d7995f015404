import { queryError } from '../../../../scalar/condition.js'
import type { BindContext } from '../../bind/bind-context.js'
import { quoteName } from '../../catalog/quote-name.js'
import type { StatementTree } from '../../parse/tree.js'

type NoteStar = NonNullable<BindContext['noteStar']>

/** `*` or `a.b.*`, from where it begins. */
const STAR = /^(?:(?:"(?:[^"]|"")+"|[^\s."(),]+)\s*\.\s*)*\*/

/**
 * A query's text with what `*` means at this moment: columns that tables get later are none of the view's.
 */
export class FrozenStars {
  readonly #columns = new Map<number, readonly string[]>()

  readonly note: NoteStar = (location, columns) => {
    const names = columns.map(({ table, name }) =>
      table === undefined ? quoteName(name) : `${quoteName(table)}.${quoteName(name)}`,
    )
    // Two columns of one name can only be meant together.
    if (new Set(names).size === names.length && names.length > 0) this.#columns.set(location, names)
  }

  /** @param text of the statement that the tree is of */
  writtenOut(tree: StatementTree, text: string): string {
    let result = text
    const inOrder = [...this.#columns].sort(([one], [other]) => other - one)
    for (const [location, names] of inOrder) {
      const at = tree.indexOf(location) - tree.indexOf(0)
      const star = STAR.exec(result.slice(at))
      if (star === null) throw queryError('internal_error', 'a star was expected in the query of a view')
      result = `${result.slice(0, at)}${names.join(', ')}${result.slice(at + star[0].length)}`
    }
    return result
  }
}
