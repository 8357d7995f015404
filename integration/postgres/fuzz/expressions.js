// @ts-check
import { HINTS } from './hints.js'
import { clause, expression, joined, optional } from './node.js'
import { elementOf, literal, VALUES } from './values.js'

/** @typedef {import('./node.js').SqlNode} SqlNode */
/** @typedef {import('./callables.js').Callable} Callable */
/** @typedef {{ name: string, type: string }} Column */

/** Types of elements, and what the names of their ranges begin with. @type {readonly (readonly [string, string])[]} */
const RANGES = [
  ['integer', 'int4'],
  ['bigint', 'int8'],
  ['numeric', 'num'],
  ['date', 'date'],
  ['timestamp without time zone', 'ts'],
  ['timestamp with time zone', 'tstz'],
]

const ELEMENTS = [
  'integer',
  'text',
  'numeric',
  'double precision',
  'boolean',
  'date',
  'timestamp without time zone',
  'bigint',
  'uuid',
  'jsonb',
]
const ANY = [
  ...ELEMENTS,
  'real',
  'bytea',
  'interval',
  'json',
  'integer[]',
  'text[]',
  'timestamp with time zone',
  'smallint',
  'time without time zone',
  'bpchar',
  'mood',
]
const POLYMORPHIC = /^any/
const FRAMES = [
  '',
  ' ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING',
  ' ROWS UNBOUNDED PRECEDING',
  ' RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
  ' GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW',
  ' ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW',
  ' ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES',
]

/** Makes expressions of wanted types out of what both servers can call. */
export class Expressions {
  /** @param {import('./random.js').Random} random @param {readonly Callable[]} callables */
  constructor(random, callables) {
    this.random = random
    this.callables = callables
    /** @type {Map<string, Callable[]>} by the type that they give */
    this.byResult = new Map()
    for (const callable of callables) {
      if (!['function', 'operator', 'cast'].includes(callable.kind)) continue
      const known = this.byResult.get(callable.result) ?? []
      this.byResult.set(callable.result, [...known, callable])
    }
  }

  /**
   * @param {string} type
   * @param {number} depth how deep calls may lie in one another
   * @param {readonly Column[]} columns that may be used
   * @returns {SqlNode}
   */
  of(type, depth, columns = []) {
    const { random } = this
    const fitting = columns.filter((column) => column.type === type)
    if (fitting.length > 0 && random.chance(0.6)) return expression(type, random.pick(fitting).name)
    const makers = this.byResult.get(type) ?? []
    if (depth <= 0 || random.chance(0.25)) return this.constant(type)
    if (makers.length === 0 || random.chance(0.25)) return this.special(type, depth - 1, columns)
    return this.call(random.pick(makers), depth - 1, columns)
  }

  /** @param {string} type @param {readonly string[]} [texts] @returns {SqlNode} */
  constant(type, texts = VALUES[type]) {
    const { random } = this
    if (texts === undefined || random.chance(0.06)) return expression(type, `NULL::${type}`)
    return expression(type, literal(type, random.pick(texts)))
  }

  /** What is written in its own way. @param {string} type @param {number} depth @param {readonly Column[]} columns @returns {SqlNode} */
  special(type, depth, columns) {
    const { random } = this
    const of = (/** @type {string} */ wanted) => this.of(wanted, depth, columns)
    const forms = [
      () => expression(type, 'COALESCE(', of(type), ', ', of(type), ')'),
      () => expression(type, 'CASE WHEN ', of('boolean'), ' THEN ', of(type), ' ELSE ', of(type), ' END'),
    ]
    if (isComparable(type)) {
      forms.push(
        () => expression(type, 'NULLIF(', of(type), ', ', of(type), ')'),
        () => expression(type, random.pick(['GREATEST(', 'LEAST(']), of(type), ', ', of(type), ')'),
      )
    }
    const element = elementOf(type)
    if (element !== undefined)
      forms.push(() => expression(type, 'ARRAY[', of(element), ', ', of(element), ']'))
    else if (VALUES[`${type}[]`] !== undefined) {
      forms.push(() => expression(type, '(', of(`${type}[]`), ')[', String(random.between(0, 3)), ']'))
    }
    if (type === 'boolean') forms.push(...this.#conditions(depth, columns))
    if (type === 'numeric') {
      const unit = random.pick([
        'year',
        'month',
        'day',
        'hour',
        'second',
        'epoch',
        'dow',
        'week',
        'isoyear',
        'quarter',
        'century',
      ])
      const source = random.pick([
        'date',
        'timestamp without time zone',
        'timestamp with time zone',
        'interval',
        'time without time zone',
      ])
      forms.push(() => expression(type, `extract(${unit} FROM `, of(source), ')'))
    }
    return random.pick(forms)()
  }

  /** @param {number} depth @param {readonly Column[]} columns @returns {(() => SqlNode)[]} */
  #conditions(depth, columns) {
    const { random } = this
    const of = (/** @type {string} */ wanted) => this.of(wanted, depth, columns)
    const type = random.pick(ELEMENTS.filter(isComparable))
    return [
      () => expression('boolean', '(', of('boolean'), random.pick([' AND ', ' OR ']), of('boolean'), ')'),
      () => expression('boolean', '(NOT ', of('boolean'), ')'),
      () => expression('boolean', '(', of(type), random.pick([' IS NULL', ' IS NOT NULL']), ')'),
      () =>
        expression(
          'boolean',
          '(',
          of(type),
          random.pick([' IS DISTINCT FROM ', ' IS NOT DISTINCT FROM ']),
          of(type),
          ')',
        ),
      () =>
        expression(
          'boolean',
          '(',
          of(type),
          random.pick([' IN (', ' NOT IN (']),
          of(type),
          ', ',
          of(type),
          '))',
        ),
      () =>
        expression(
          'boolean',
          '(',
          of(type),
          random.pick([' BETWEEN ', ' NOT BETWEEN ', ' BETWEEN SYMMETRIC ']),
          of(type),
          ' AND ',
          of(type),
          ')',
        ),
      () =>
        expression(
          'boolean',
          '(',
          of('boolean'),
          random.pick([' IS TRUE', ' IS NOT FALSE', ' IS UNKNOWN']),
          ')',
        ),
      () =>
        expression(
          'boolean',
          '(',
          of(type),
          random.pick([' = ', ' <> ', ' < ', ' >= ']),
          random.pick(['ANY', 'ALL']),
          ' (',
          of(`${type}[]`),
          '))',
        ),
      () =>
        expression(
          'boolean',
          '((',
          of(type),
          ', ',
          of('integer'),
          ')',
          random.pick([' < ', ' = ', ' >= ', ' <> ']),
          '(',
          of(type),
          ', ',
          of('integer'),
          '))',
        ),
    ]
  }

  /** One call with arguments. @param {Callable} callable @param {number} depth @param {readonly Column[]} columns @returns {SqlNode} */
  call(callable, depth, columns = []) {
    const { types, result } = this.#chooseTypes(callable)
    const args = types.map((type, index) => this.#argument(callable, type, index, depth, columns))
    const [a = '', b = ''] = args
    switch (callable.kind) {
      case 'cast':
        return expression(result, '(', a, `)::${result}`)
      case 'operator':
        return args.length === 1
          ? expression(result, `(${callable.name} `, a, ')')
          : expression(result, '(', a, ` ${callable.name} `, b, ')')
      default:
        return expression(result, `${nameOf(callable)}(`, this.#arguments(callable, types, args), ')')
    }
  }

  /** @param {Callable} callable @param {readonly string[]} types @param {readonly SqlNode[]} args */
  #arguments({ isVariadic }, types, args) {
    const last = args.at(-1)
    // What takes any number of arguments takes them as an array too.
    if (!isVariadic || last === undefined || !(types.at(-1) ?? '').endsWith('[]')) return joined(args)
    return joined([...args.slice(0, -1), clause('VARIADIC ', last)])
  }

  /**
   * A whole statement that calls it, of whatever kind it is.
   * @param {Callable} callable
   * @param {number} depth
   * @returns {{ statement: SqlNode, isOrdered: boolean }}
   */
  statement(callable, depth) {
    const { random } = this
    switch (callable.kind) {
      case 'rows':
        return {
          statement: clause('SELECT * FROM ', this.call(callable, depth), ' x LIMIT 60'),
          isOrdered: true,
        }
      case 'aggregate':
      case 'ordered-set':
      case 'window':
        return { statement: this.#grouped(callable), isOrdered: true }
      default:
        if (depth > 0 || random.chance(0.7))
          return { statement: clause('SELECT ', this.call(callable, depth)), isOrdered: true }
        return { statement: this.#overRows(callable), isOrdered: true }
    }
  }

  /** Arguments from rows, so that nothing is computed while planning. @param {Callable} callable */
  #overRows(callable) {
    const { types } = this.#chooseTypes(callable)
    const columns = types.map((type, index) => ({ name: `c${index}`, type }))
    const rows = Array.from({ length: this.random.between(1, 4) }, () =>
      clause('(', joined(types.map((type, index) => this.#argument(callable, type, index, 0, []))), ')'),
    )
    const args = columns.map(({ name }) => clause(name))
    const call =
      callable.kind === 'cast'
        ? clause(`c0::${callable.result}`)
        : callable.kind === 'operator'
          ? clause(...(args.length === 1 ? [`${callable.name} c0`] : [`c0 ${callable.name} c1`]))
          : clause(`${nameOf(callable)}(`, this.#arguments(callable, types, args), ')')
    if (types.length === 0) return clause('SELECT ', call)
    return clause(
      'SELECT ',
      call,
      ' FROM (VALUES ',
      ...separated(rows),
      `) v(${columns.map(({ name }) => name).join(', ')})`,
    )
  }

  /** @param {Callable} callable */
  #grouped(callable) {
    const { random } = this
    const { types } = this.#chooseTypes(callable)
    const used = types.length === 0 ? ['integer'] : types
    const names = used.map((_, index) => `c${index}`)
    const rows = Array.from({ length: random.between(1, 6) }, (_, row) =>
      clause(
        `(${row}, `,
        joined(used.map((type, index) => this.#argument(callable, type, index, 0, []))),
        ')',
      ),
    )
    const from = clause(' FROM (VALUES ', ...separated(rows), `) v(n, ${names.join(', ')})`)
    const args = types.map((_, index) => `c${index}`).join(', ')
    const name = nameOf(callable)
    if (callable.kind === 'window') {
      return clause(
        `SELECT n, ${name}(${args}) OVER (`,
        optional('PARTITION BY n % 2 '),
        `ORDER BY n${this.#frame(name)})`,
        from,
        ' ORDER BY n',
      )
    }
    if (callable.kind === 'ordered-set') {
      const isHypothetical = /rank|cume_dist/.test(name)
      if (isHypothetical) return clause(`SELECT ${name}(1) WITHIN GROUP (ORDER BY n % 3)`, from)
      const direct = name === 'mode' ? '' : this.#percentiles(types[0] ?? '')
      return clause(`SELECT ${name}(${direct}) WITHIN GROUP (ORDER BY c${types.length - 1})`, from)
    }
    const call = `${name}(${args === '' && name === 'count' ? '*' : args}`
    if (random.chance(0.3)) {
      return clause(
        `SELECT n, ${call}) OVER (`,
        optional('PARTITION BY n % 2 '),
        `ORDER BY n${random.pick(FRAMES)})`,
        from,
        ' ORDER BY n',
      )
    }
    const distinct = names.length === 1 && args !== '' && isComparable(used[0] ?? '') && random.chance(0.2)
    if (distinct) return clause(`SELECT ${name}(DISTINCT ${args})`, from)
    return clause(
      `SELECT ${call}`,
      args === '' ? '' : optional(` ORDER BY n ${random.pick(['', 'DESC'])}`),
      ')',
      random.chance(0.3) ? optional(' FILTER (WHERE n > 0)') : '',
      from,
    )
  }

  /** @param {string} type */
  #percentiles(type) {
    const texts = ['0', '0.25', '0.5', '0.9', '1', '2']
    return type.endsWith('[]') ? "'{0,0.5,NULL,1}'::float8[]" : `${this.random.pick(texts)}::float8`
  }

  /** @param {string} name */
  #frame(name) {
    return /value/.test(name) ? this.random.pick(FRAMES) : ''
  }

  /** @param {Callable} callable @param {string} type @param {number} index @param {number} depth @param {readonly Column[]} columns */
  #argument(callable, type, index, depth, columns) {
    const isTime = /date|time/.test(callable.parameters[0] ?? '')
    const hints = HINTS[isTime ? `${callable.name}:time` : callable.name] ?? HINTS[callable.name]
    const texts = hints?.[index]
    if (texts !== undefined && !(type.endsWith('[]') && !texts.some((text) => text.startsWith('{')))) {
      return this.constant(type, texts)
    }
    return depth > 0 ? this.of(type, depth, columns) : this.constant(type)
  }

  /** Types for the parameters, polymorphic ones made definite. @param {Callable} callable */
  #chooseTypes({ name, parameters, result, isVariadic, defaults }) {
    const { random } = this
    const isOfRanges = [...parameters, result].some((type) => /range$/.test(type))
    const [element, range] = isOfRanges ? random.pick(RANGES) : [random.pick(ELEMENTS), '']
    const definite = (/** @type {string} */ type) => {
      switch (type) {
        case 'anyelement':
        case 'anynonarray':
        case 'anycompatible':
        case 'anycompatiblenonarray':
          return element
        case 'anyarray':
        case 'anycompatiblearray':
          return `${element}[]`
        case 'anyrange':
        case 'anycompatiblerange':
          return `${range}range`
        case 'anymultirange':
        case 'anycompatiblemultirange':
          return `${range}multirange`
        case 'anyenum':
          return 'mood'
        case 'any':
        case '"any"':
          return random.pick(ANY)
        case 'record':
          return 'record'
        default:
          return type
      }
    }
    const chosen = parameters.slice(0, parameters.length - random.between(0, defaults)).map(definite)
    const last = parameters.at(-1)
    if (isVariadic && last !== undefined && /any"?$/.test(last)) {
      chosen.pop()
      const [low, high] = /build_object/.test(name) ? [0, 2] : [1, 3]
      for (let count = random.between(low, high); count > 0; count--) {
        if (/build_object/.test(name)) chosen.push('text')
        chosen.push(random.pick(ANY))
      }
    }
    return { types: chosen, result: definite(result) }
  }
}

/** @param {Callable} callable */
function nameOf({ name }) {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `pg_catalog."${name}"`
}

const RESERVED = new Set([
  ...[
    'overlay',
    'position',
    'substring',
    'trim',
    'timezone',
    'overlaps',
    'bit',
    'numeric',
    'interval',
    'time',
    'timestamp',
  ],
  ...[
    'char',
    'normalize',
    'bool',
    'float4',
    'float8',
    'int2',
    'int4',
    'int8',
    'extract',
    'varchar',
    'name',
    'date',
    'timetz',
    'timestamptz',
    'text',
    'bpchar',
    'oid',
    'json',
    'jsonb',
    'xmlexists',
    'exists',
    'is_normalized',
    'values',
    'left',
    'right',
    'any_value',
  ],
])

/** @param {string} type */
const isComparable = (type) => !/^(json|jsonpath)(\[\])?$/.test(type) && !POLYMORPHIC.test(type)

/** The first stays, the others may be left out. @param {readonly SqlNode[]} rows */
function separated(rows) {
  return rows.map((row, index) => (index === 0 ? row : optional(', ', row)))
}
