/** Which columns may have been meant by a name that is not there. */
import type { QueryScope } from './query-scope.js'
import type { RangeItem } from './range-item.js'

export interface NearColumns {
  /** The table that has the column, out of reach here. */
  readonly exact: string | undefined
  /** `table.column`, one or two that are equally near. */
  readonly near: readonly string[]
}

/** Names that differ by more edits than this are not alike. */
const DISTANCE_MAX = 3

export function nearColumns(scope: QueryScope, table: string | undefined, name: string): NearColumns {
  const search = new Search(name)
  for (let level: QueryScope | undefined = scope; level !== undefined; level = level.parent) {
    for (const item of level.all) {
      // The columns of a join are those of its sides.
      if (item.kind === 'join' || item.name === undefined) continue
      const penalty = table === undefined ? 0 : distance(table, item.name)
      if (search.compare(item, item.name, penalty)) return { exact: item.name, near: [] }
    }
  }
  return { exact: undefined, near: search.near }
}

class Search {
  readonly #name: string
  #distance = DISTANCE_MAX + 1
  near: string[] = []

  constructor(name: string) {
    this.#name = name
  }

  /** True when the item has the very column. */
  compare(item: RangeItem, table: string, penalty: number): boolean {
    for (const column of item.visibleColumns) {
      if (column.name === this.#name && penalty === 0) return true
      this.#note(column.name, `${table}.${column.name}`, penalty)
    }
    return false
  }

  #note(column: string, path: string, penalty: number): void {
    const own = distance(this.#name, column)
    // Half of a name that is not what was written is too much.
    if (own > this.#name.length / 2) return
    const total = own + penalty
    if (total > this.#distance || total > DISTANCE_MAX) return
    if (total === this.#distance) this.near.push(path)
    else this.near = [path]
    this.#distance = total
    // Three or more of one distance say nothing.
    if (this.near.length > 2) {
      this.near = []
      this.#distance = total - 1
    }
  }
}

/** Levenshtein's distance: insertions, deletions and replacements of one letter. */
export function distance(one: string, other: string): number {
  const [a, b] = [Array.from(one), Array.from(other)]
  let row = b.map((_, index) => index + 1)
  for (const [i, letter] of a.entries()) {
    const next: number[] = []
    for (const [j, against] of b.entries()) {
      const above = row[j] ?? 0
      const left = j === 0 ? i + 1 : (next[j - 1] ?? 0)
      const diagonal = j === 0 ? i : (row[j - 1] ?? 0)
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === against ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? a.length
}
