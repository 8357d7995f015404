/**
 * Finds what a path leads to in a JSON value. In lax mode arrays are unwrapped where single values are wanted and wrapped
 * where arrays are, and what is not there is passed over; in strict mode each of these is an error.
 */
import { queryError, unsupported } from '../../condition.js'
import { Numeric } from '../../numeric/numeric.js'
import { truncateNumeric } from '../../numeric/round-numeric.js'
import { isJsonArray, isJsonObject, jsonTypeName } from '../format-json.js'
import { makeJsonObject } from '../json-object.js'
import type { JsonNode } from '../jsonb.js'
import {
  type ArithmeticOperator,
  type JsonPath,
  type PathNode,
  type PathPredicate,
  type PathStep,
} from './json-path.js'
import { PathError } from './path-error.js'
import { computeNumbers, numberMethod, signed, singleNumber, toDouble } from './path-numbers.js'
import { compareItems, itemStartsWith, matchesRegex, type Truth } from './path-comparison.js'

type Emit = (item: JsonNode) => void

/** Items that one search looks at: a filter within a filter could go on for hours, and nobody else is served meanwhile. */
const WALKED_MAX = 10_000_000

export class PathEvaluator {
  readonly #root: JsonNode
  readonly #variables: ReadonlyMap<string, JsonNode>
  readonly #isStrict: boolean
  /** Of the arrays whose subscripts are being computed. */
  readonly #sizes: number[] = []
  /** Within `.**` what does not fit is passed over, in strict mode too. */
  #isForgiving: boolean
  #walked = 0

  constructor(path: JsonPath, root: JsonNode, variables: ReadonlyMap<string, JsonNode>) {
    this.#root = root
    this.#variables = variables
    this.#isStrict = path.isStrict
    this.#isForgiving = !path.isStrict
  }

  /** Hands all items to `emit`, one after another. @throws PathError */
  evaluate(node: PathNode, current: JsonNode, emit: Emit): void {
    switch (node.kind) {
      case 'steps':
        this.evaluate(node.start, current, (item) => this.#walk(node.steps, 0, item, emit, !this.#isStrict))
        return
      case 'root':
        emit(this.#root)
        return
      case 'current':
        emit(current)
        return
      case 'last':
        emit(new Numeric(BigInt((this.#sizes.at(-1) ?? 0) - 1), 0))
        return
      case 'variable':
        emit(this.#variable(node.name))
        return
      case 'literal':
        emit(node.value)
        return
      case 'arithmetic':
        emit(this.#arithmetic(node.operator, node.left, node.right, current))
        return
      case 'sign':
        for (const item of this.#unwrapped(node.arg, current)) emit(signed(node.operator, item))
        return
      default: {
        const truth = this.test(node, current)
        emit(truth === 'unknown' ? null : truth)
      }
    }
  }

  #variable(name: string): JsonNode {
    const value = this.#variables.get(name)
    if (value === undefined) {
      throw queryError('undefined_object', `could not find jsonpath variable "${name}"`)
    }
    return value
  }

  #all(node: PathNode, current: JsonNode): JsonNode[] {
    const items: JsonNode[] = []
    this.evaluate(node, current, (item) => items.push(item))
    return items
  }

  /** With arrays taken apart in lax mode. */
  #unwrapped(node: PathNode, current: JsonNode): JsonNode[] {
    const items = this.#all(node, current)
    return this.#isStrict ? items : items.flatMap((item) => (isJsonArray(item) ? item : [item]))
  }

  #arithmetic(operator: ArithmeticOperator, left: PathNode, right: PathNode, current: JsonNode): Numeric {
    const a = singleNumber(this.#unwrapped(left, current), 'left', operator)
    const b = singleNumber(this.#unwrapped(right, current), 'right', operator)
    return computeNumbers(operator, a, b)
  }

  #walk(steps: readonly PathStep[], index: number, item: JsonNode, emit: Emit, unwraps: boolean): void {
    if (++this.#walked > WALKED_MAX)
      throw queryError('statement_too_complex', `the JSON path looks at more than ${WALKED_MAX} items`)
    const step = steps[index]
    if (step === undefined) {
      emit(item)
      return
    }
    const next = (found: JsonNode): void => this.#walk(steps, index + 1, found, emit, !this.#isStrict)
    const isTakenApart =
      unwraps && isJsonArray(item) && UNWRAPPING.has(step.kind === 'method' ? step.name : step.kind)
    if (isTakenApart) {
      for (const element of item) this.#walk(steps, index, element, emit, false)
      return
    }
    this.#step(step, item, next)
  }

  #step(step: PathStep, item: JsonNode, next: Emit): void {
    switch (step.kind) {
      case 'key':
        this.#key(step.name, item, next)
        return
      case 'any key':
        if (isJsonObject(item)) for (const value of item.values()) next(value)
        else
          this.#refuse(
            'sql_json_object_not_found',
            'jsonpath wildcard member accessor can only be applied to an object',
          )
        return
      case 'any element':
        if (isJsonArray(item)) for (const element of item) next(element)
        else if (!this.#isStrict) next(item)
        else
          this.#refuse(
            'sql_json_array_not_found',
            'jsonpath wildcard array accessor can only be applied to an array',
          )
        return
      case 'subscripts':
        this.#subscripts(step.ranges, item, next)
        return
      case 'descend':
        this.#descend(step, item, 0, next)
        return
      case 'filter':
        if (this.test(step.predicate, item) === true) next(item)
        return
      case 'method':
        this.#method(step.name, item, next)
    }
  }

  /** An error of strict mode, unless it is to be passed over. */
  #refuse(
    condition:
      | 'sql_json_object_not_found'
      | 'sql_json_array_not_found'
      | 'sql_json_member_not_found'
      | 'invalid_sql_json_subscript',
    message: string,
  ): void {
    if (!this.#isForgiving) throw new PathError(condition, message)
  }

  #key(name: string, item: JsonNode, next: Emit): void {
    if (!isJsonObject(item)) {
      this.#refuse('sql_json_member_not_found', 'jsonpath member accessor can only be applied to an object')
      return
    }
    const value = item.get(name)
    if (value !== undefined) next(value)
    else this.#refuse('sql_json_member_not_found', `JSON object does not contain key "${name}"`)
  }

  #subscripts(ranges: (PathStep & { kind: 'subscripts' })['ranges'], item: JsonNode, next: Emit): void {
    if (!isJsonArray(item) && this.#isStrict) {
      this.#refuse('sql_json_array_not_found', 'jsonpath array accessor can only be applied to an array')
      return
    }
    const array = isJsonArray(item) ? item : [item]
    for (const { from, to } of ranges) {
      this.#sizes.push(array.length)
      const first = this.#subscript(from, item)
      const last = to === undefined ? first : this.#subscript(to, item)
      this.#sizes.pop()
      if (first < 0 || first > last || last >= array.length) {
        this.#refuse('invalid_sql_json_subscript', 'jsonpath array subscript is out of bounds')
      }
      for (let i = Math.max(first, 0); i <= Math.min(last, array.length - 1); i++) next(array[i] ?? null)
    }
  }

  #subscript(node: PathNode, current: JsonNode): number {
    const [value, ...others] = this.#all(node, current)
    if (!(value instanceof Numeric) || others.length > 0) {
      throw new PathError(
        'invalid_sql_json_subscript',
        'jsonpath array subscript is not a single numeric value',
      )
    }
    const whole = Number(truncateNumeric(value, 0).toString())
    if (!(Math.abs(whole) <= 0x7fff_ffff)) {
      throw new PathError('invalid_sql_json_subscript', 'jsonpath array subscript is out of integer range')
    }
    return whole
  }

  #descend(
    step: { readonly from: number; readonly to: number },
    item: JsonNode,
    level: number,
    next: Emit,
  ): void {
    const children = isJsonArray(item) ? item : isJsonObject(item) ? item.values() : undefined
    // `last` are those without children, but for the value that the search begins at.
    const isLeaf = step.from === Infinity && children === undefined && level > 0
    const isWanted = isLeaf || level >= step.from
    if (isWanted) this.#forgiving(() => next(item))
    if (children === undefined || level >= step.to) return
    for (const child of children) this.#descend(step, child, level + 1, next)
  }

  #forgiving(run: () => void): void {
    const before = this.#isForgiving
    this.#isForgiving = true
    run()
    this.#isForgiving = before
  }

  #method(name: (PathStep & { kind: 'method' })['name'], item: JsonNode, next: Emit): void {
    switch (name) {
      case 'type':
        next(jsonTypeName(item))
        return
      case 'size':
        if (isJsonArray(item)) next(new Numeric(BigInt(item.length), 0))
        else if (!this.#isStrict) next(Numeric.ONE)
        else
          this.#refuse(
            'sql_json_array_not_found',
            'jsonpath item method .size() can only be applied to an array',
          )
        return
      case 'double':
        next(toDouble(item))
        return
      case 'keyvalue':
        this.#keyValue(item, next)
        return
      case 'datetime':
        throw unsupported('the jsonpath method .datetime()')
      default:
        next(numberMethod(name, item))
    }
  }

  #keyValue(item: JsonNode, next: Emit): void {
    if (!isJsonObject(item)) {
      throw new PathError(
        'sql_json_object_not_found',
        'jsonpath item method .keyvalue() can only be applied to an object',
      )
    }
    // An inner object's id is its place in PostgreSQL's own binary form.
    if (item !== this.#root && item.size > 0)
      throw unsupported('the jsonpath method .keyvalue() on an inner object')
    for (const [key, value] of item) {
      next(
        makeJsonObject([
          ['key', key],
          ['value', value],
          ['id', Numeric.ZERO],
        ]),
      )
    }
  }

  /** @throws what PathError is not: in predicates those are "unknown" */
  test(predicate: PathPredicate, current: JsonNode): Truth {
    switch (predicate.kind) {
      case 'and': {
        const left = this.test(predicate.left, current)
        if (left === false) return false
        const right = this.test(predicate.right, current)
        return right === true ? left : right
      }
      case 'or': {
        const left = this.test(predicate.left, current)
        if (left === true) return true
        const right = this.test(predicate.right, current)
        return right === false ? left : right
      }
      case 'not': {
        const truth = this.test(predicate.arg, current)
        return truth === 'unknown' ? truth : !truth
      }
      case 'unknown':
        return this.test(predicate.arg, current) === 'unknown'
      case 'exists': {
        const items = this.#caught(() => this.#exists(predicate.arg, current))
        return items ?? 'unknown'
      }
      case 'comparison':
        return this.#any(predicate.left, predicate.right, true, current, (a, b) =>
          compareItems(predicate.operator, a, b),
        )
      case 'starts':
        return this.#any(predicate.left, predicate.right, false, current, itemStartsWith)
      case 'regex':
        return this.#any(predicate.left, undefined, false, current, (item) =>
          matchesRegex(item, predicate.pattern, predicate.flags),
        )
    }
  }

  #exists(node: PathNode, current: JsonNode): boolean {
    if (this.#isStrict) return this.#all(node, current).length > 0
    return this.first(node, current) !== undefined
  }

  /** The first item alone; later ones are not looked at. */
  first(node: PathNode, current: JsonNode): { readonly item: JsonNode } | undefined {
    // As in PostgreSQL, signs are only an error where their results are wanted.
    if (node.kind === 'sign') {
      const item = this.#unwrapped(node.arg, current).find((each) => each instanceof Numeric)
      return item === undefined ? undefined : { item }
    }
    let found: { readonly item: JsonNode } | undefined
    const stop = new Stop()
    const sizes = this.#sizes.length
    const isForgiving = this.#isForgiving
    try {
      this.evaluate(node, current, (item) => {
        found = { item }
        throw stop
      })
    } catch (error) {
      if (error !== stop) throw error
      this.#sizes.length = sizes
      this.#isForgiving = isForgiving
    }
    return found
  }

  /** Undefined when the document does not fit. */
  #caught<T>(run: () => T): T | undefined {
    const sizes = this.#sizes.length
    const isForgiving = this.#isForgiving
    try {
      return run()
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      this.#sizes.length = sizes
      this.#isForgiving = isForgiving
      return undefined
    }
  }

  /** Whether the test holds for any pair of items. In strict mode one unknown answer makes the whole unknown. */
  #any(
    left: PathNode,
    right: PathNode | undefined,
    unwrapsRight: boolean,
    current: JsonNode,
    test: (a: JsonNode, b: JsonNode) => Truth,
  ): Truth {
    const items = this.#caught(() => this.#unwrapped(left, current))
    if (items === undefined) return 'unknown'
    const others = this.#caught(() => this.#operands(right, unwrapsRight, current))
    if (others === undefined) return 'unknown'
    let result: Truth = false
    for (const item of items) {
      for (const other of others) {
        const truth = test(item, other)
        if (truth === 'unknown') {
          if (this.#isStrict) return truth
          if (result === false) result = truth
        } else if (truth) {
          if (!this.#isStrict) return true
          result = true
        }
      }
    }
    return result
  }

  #operands(node: PathNode | undefined, unwraps: boolean, current: JsonNode): readonly JsonNode[] {
    if (node === undefined) return [null]
    return unwraps ? this.#unwrapped(node, current) : this.#all(node, current)
  }
}

/** Thrown to end a search early. */
class Stop extends Error {}

/** The steps that arrays are taken apart for in lax mode. */
const UNWRAPPING: ReadonlySet<string> = new Set([
  ...['key', 'any key', 'filter', 'abs', 'floor', 'ceiling', 'double', 'keyvalue', 'datetime'],
])
