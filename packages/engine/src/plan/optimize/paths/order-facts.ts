import { columnExpression, comparisonOf } from '../../expressions/conditions.js'
import { expressionKey } from '../../expressions/expression-key.js'
import { nullsPassedOn } from '../../expressions/null-rejection.js'
import { isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression, SortKey } from '../../expression.js'
import type { OutputColumn } from '../../logical-plan.js'
import { Equivalences } from '../../logical/equivalences.js'
import { collationName, familyNumber, withoutRelabel } from '../../expressions/type-families.js'

/** What is known of the rows of a plan that tells which orders come to the same. It does not change once it is made. */
export class OrderFacts {
  /** Keys of expressions that are equal in every row have one representative. */
  readonly #representatives: Map<string, string>
  readonly #constants: Set<string>
  readonly #notNull: ReadonlySet<ColumnId>
  /** Keys of expressions that may have a value where all columns are null. */
  readonly #filled: Set<string>
  readonly #canonical = new Map<Expression, string>()
  readonly #orders = new Map<readonly SortKey[], CompiledOrder>()

  private constructor(
    representatives: Map<string, string>,
    constants: Set<string>,
    notNull: ReadonlySet<ColumnId>,
    filled: Set<string>,
  ) {
    this.#representatives = representatives
    this.#constants = constants
    this.#notNull = notNull
    this.#filled = filled
  }

  /** Nothing is known. Each is of its own, because it remembers what it was asked about. */
  static none(): OrderFacts {
    return new OrderFacts(new Map(), new Set(), new Set(), new Set())
  }

  /** What inputs know, together. */
  static merged(parts: readonly OrderFacts[], notNull: ReadonlySet<ColumnId>): OrderFacts {
    return new OrderFacts(
      new Map(parts.flatMap((part) => [...part.#representatives])),
      new Set(parts.flatMap((part) => [...part.#constants])),
      notNull,
      new Set(parts.flatMap((part) => [...part.#filled])),
    )
  }

  /**
   * Rows of nulls have been added: nothing is constant any more, and what has a value in such rows is no longer equal to
   * what has none.
   */
  padded(): OrderFacts {
    const kept = [...this.#representatives].filter((pair) => !pair.some((key) => this.#filled.has(key)))
    return new OrderFacts(new Map(kept), new Set(), new Set(), new Set())
  }

  /** Of rows for which the conditions hold. */
  where(
    conditions: readonly Expression[],
    isFixed: (expression: Expression) => boolean,
    notNull: ReadonlySet<ColumnId>,
  ): OrderFacts {
    const representatives = new Map(this.#representatives)
    const constants = new Set(this.#constants)
    const facts = new OrderFacts(representatives, constants, notNull, new Set(this.#filled))
    for (const condition of conditions) {
      const parts = comparisonOf(condition)
      if (parts?.comparison !== 'eq') continue
      if (isFixed(parts.right) && !isVolatile(parts.right)) constants.add(facts.canonical(parts.left))
      if (isFixed(parts.left) && !isVolatile(parts.left)) constants.add(facts.canonical(parts.right))
    }
    for (const { members } of new Equivalences(conditions, isFixed).classes()) {
      const [first, ...others] = members
      for (const other of others) if (first !== undefined) facts.#unite(first, other)
      members.forEach((member) => facts.#note(member))
    }
    return facts
  }

  /** With columns that stand for expressions over the same rows. */
  defining(
    columns: readonly OutputColumn[],
    expressions: readonly Expression[],
    notNull: ReadonlySet<ColumnId>,
  ): OrderFacts {
    const facts = new OrderFacts(
      new Map(this.#representatives),
      new Set(this.#constants),
      notNull,
      new Set(this.#filled),
    )
    expressions.forEach((expression, at) => {
      const column = columns[at]
      if (column === undefined || isVolatile(expression)) return
      const key = expressionKey(columnExpression(column))
      if (expression.kind === 'constant' || expression.kind === 'parameter') facts.#constants.add(key)
      else if (facts.#find(key) === key) {
        facts.#representatives.set(key, facts.canonical(expression))
        facts.#note(expression)
        facts.#canonical.clear()
      }
    })
    return facts
  }

  canonical(expression: Expression): string {
    let canonical = this.#canonical.get(expression)
    if (canonical === undefined) {
      canonical = this.#find(expressionKey(withoutRelabel(expression)))
      this.#canonical.set(expression, canonical)
    }
    return canonical
  }

  isConstant(expression: Expression): boolean {
    if (expression.kind === 'constant' || expression.kind === 'parameter') return true
    return this.#constants.has(this.canonical(expression))
  }

  /** With how many of the essential keys of `wanted` rows in the order `given` agree. */
  satisfied(given: readonly SortKey[], wanted: readonly SortKey[]): number {
    return given.length === 0 ? 0 : sharedCodes(this.codesOf(given), this.codesOf(wanted))
  }

  isSatisfied(given: readonly SortKey[], wanted: readonly SortKey[]): boolean {
    const asked = this.codesOf(wanted)
    return (
      asked.length === 0 || (given.length > 0 && sharedCodes(this.codesOf(given), asked) === asked.length)
    )
  }

  /** The essential keys of an order, each as a text that says all that matters of it. */
  codesOf(order: readonly SortKey[]): readonly string[] {
    return order.length === 0 ? NO_CODES : this.#compiled(order).codes
  }

  /** What the codes of orders by an expression begin with, whatever their directions. */
  headOf(expression: Expression): string {
    return `${this.canonical(expression)}:${familyNumber(expression.type.scalar)}${collationName(expression)}`
  }

  /** The keys that do not follow from those before them. */
  essential(keys: readonly SortKey[]): readonly SortKey[] {
    return this.#compiled(keys).essential
  }

  /** Whether rows in the order `given` have equal values of all the expressions next to one another. */
  isGrouped(given: readonly SortKey[], expressions: readonly Expression[]): boolean {
    const wanted = new Set<string>()
    for (const expression of expressions) {
      if (!this.isConstant(expression)) wanted.add(this.canonical(expression))
    }
    for (const key of given) {
      if (wanted.size === 0) break
      if (this.isConstant(key.expression)) continue
      if (!wanted.delete(this.canonical(key.expression))) return false
    }
    return wanted.size === 0
  }

  #compiled(keys: readonly SortKey[]): CompiledOrder {
    let compiled = this.#orders.get(keys)
    if (compiled === undefined) {
      compiled = this.#compile(keys)
      this.#orders.set(keys, compiled)
    }
    return compiled
  }

  #compile(keys: readonly SortKey[]): CompiledOrder {
    const seen = new Set<string>()
    const essential: SortKey[] = []
    const codes: string[] = []
    for (const key of keys) {
      const { expression, isDescending } = key
      const canonical = this.canonical(expression)
      if (this.isConstant(expression) || seen.has(canonical)) continue
      seen.add(canonical)
      essential.push(key)
      // Where there are no nulls it does not matter where they would be.
      const nullsFirst = this.#isNotNull(expression) ? isDescending : key.nullsFirst
      codes.push(`${this.headOf(expression)}${isDescending ? 'd' : 'a'}${nullsFirst ? 'f' : 'l'}`)
    }
    return { essential, codes }
  }

  #isNotNull(expression: Expression): boolean {
    return expression.kind === 'column' && this.#notNull.has(expression.column)
  }

  #find(key: string): string {
    let current = key
    for (;;) {
      const next = this.#representatives.get(current)
      if (next === undefined || next === current) return current
      current = next
    }
  }

  #note(expression: Expression): void {
    if (!isNullWithItsColumns(expression)) this.#filled.add(expressionKey(withoutRelabel(expression)))
  }

  #unite(a: Expression, b: Expression): void {
    const first = this.canonical(a)
    const second = this.canonical(b)
    if (first === second) return
    this.#representatives.set(second, first)
    this.#canonical.clear()
    if (this.#constants.has(second)) this.#constants.add(first)
  }
}

/** Whether an expression is null where all columns are. */
export function isNullWithItsColumns(expression: Expression): boolean {
  return nullsPassedOn(expression).size > 0
}

/** An order without what does not matter, and its keys as texts to compare. */
interface CompiledOrder {
  readonly essential: readonly SortKey[]
  readonly codes: readonly string[]
}

const NO_CODES: readonly string[] = []

/** What a code says of the expression, without the direction. */
export function headOfCode(code: string): string {
  return code.slice(0, -2)
}

/** How many codes two orders begin with alike. */
export function sharedCodes(given: readonly string[], wanted: readonly string[]): number {
  let count = 0
  while (count < wanted.length && given[count] === wanted[count]) count++
  return count
}
