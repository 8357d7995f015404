// @ts-check
/** Random queries and changes over random tables. Their results do not depend on the order in which rows come. */
import { clause, expression, joined, optional, shortenable } from './node.js'
import { textsOf } from './tables.js'
import { literal } from './values.js'

/** @typedef {import('./node.js').SqlNode} SqlNode */
/** @typedef {import('./tables.js').Table} Table */
/** @typedef {{ name: string, type: string }} Column */
/** @typedef {{ sql: SqlNode, columns: readonly Column[] }} Source */

const NUMBERS = ['integer', 'bigint', 'numeric', 'double precision', 'smallint']
/** Types whose equal values are written alike, so that rows that sort alike are alike. */
const EXACT = new Set([
  'integer',
  'bigint',
  'smallint',
  'text',
  'boolean',
  'date',
  'uuid',
  'mood',
  'bytea',
  'character varying(5)',
])
const HASHABLE = (/** @type {string} */ type) => !/^json$/.test(type)

export class Queries {
  #aliases = 0
  /** @param {import('./random.js').Random} random @param {readonly Table[]} tables */
  constructor(random, tables) {
    this.random = random
    this.tables = tables
  }

  /** `changed`: the table whose rows it changes. @returns {{ statement: SqlNode, isOrdered: boolean, changed?: string }} */
  statement() {
    const { random } = this
    this.#aliases = 0
    const which = random.next()
    if (which < 0.15) return this.#change()
    if (which < 0.24) return { statement: this.#setOperation(), isOrdered: false }
    if (which < 0.36) return { statement: this.#withQuery(), isOrdered: false }
    return this.#ordered()
  }

  /** With an order of all columns, and then perhaps a limit. */
  #ordered() {
    const { random } = this
    const { sql, types } = this.select(2)
    if (!random.chance(0.5) || !types.every(HASHABLE)) return { statement: sql, isOrdered: false }
    const keys = types.map(
      (_, index) => `${index + 1}${random.pick(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])}`,
    )
    const isTotal = types.every((type) => EXACT.has(type))
    const limit =
      isTotal && random.chance(0.5)
        ? optional(` LIMIT ${random.between(0, 6)}`, optional(` OFFSET ${random.between(0, 3)}`))
        : ''
    return { statement: clause(sql, ` ORDER BY ${keys.join(', ')}`, limit), isOrdered: isTotal }
  }

  /**
   * @param {number} depth
   * @param {readonly Column[]} outer columns of the queries around it
   * @param {readonly string[]} [wanted] types of the columns
   * @returns {{ sql: SqlNode, types: readonly string[] }}
   */
  select(depth, outer = [], wanted) {
    const { random } = this
    const { sql: from, columns } = this.#from(depth)
    const scope = [...columns, ...columns, ...outer]
    const where = random.chance(0.6) ? optional(' WHERE ', this.condition(scope, depth)) : ''
    if (wanted === undefined && random.chance(0.3)) return this.#grouped(from, columns, where, depth)
    const types = wanted ?? Array.from({ length: random.between(1, 4) }, () => random.pick(columns).type)
    const canBeDistinct = types.every(HASHABLE)
    const distinct = canBeDistinct && random.chance(0.15) ? optional('DISTINCT ') : ''
    const items = types.map((type, index) => {
      const item =
        wanted === undefined && random.chance(0.15) ? this.#windowed(columns) : this.value(type, scope, depth)
      return clause(item, ` AS x${index}`)
    })
    const given = items.map((item, index) => /** @type {any} */ (item.parts[0])?.type ?? types[index])
    return { sql: clause('SELECT ', distinct, joined(items), ' FROM ', from, where), types: given }
  }

  /** @param {number} depth @returns {Source} */
  #from(depth) {
    const { random } = this
    let source = this.#item(depth)
    for (let more = random.pick([0, 0, 0, 1, 1, 2]); more > 0; more--) {
      const right = this.#item(depth)
      const columns = [...source.columns, ...right.columns]
      const kind = random.pick([' JOIN ', ' LEFT JOIN ', ' RIGHT JOIN ', ' FULL JOIN ', ' CROSS JOIN '])
      const on =
        kind === ' CROSS JOIN '
          ? ''
          : clause(
              ' ON ',
              kind === ' FULL JOIN '
                ? this.#equality(source.columns, right.columns)
                : random.chance(0.7)
                  ? this.#equality(source.columns, right.columns)
                  : this.condition(columns, 0),
            )
      source = { sql: clause(source.sql, kind, right.sql, on), columns }
    }
    return source
  }

  /** @param {readonly Column[]} left @param {readonly Column[]} right */
  #equality(left, right) {
    const { random } = this
    const pairs = left.flatMap((a) =>
      right.filter((b) => b.type === a.type && HASHABLE(a.type)).map((b) => `${a.name} = ${b.name}`),
    )
    const numbers = [left, right].map((side) => side.find(({ type }) => NUMBERS.includes(type))?.name)
    return expression('boolean', pairs.length > 0 ? random.pick(pairs) : `${numbers[0]} = ${numbers[1]}`)
  }

  /** A table or a query in FROM. @param {number} depth @returns {Source} */
  #item(depth) {
    const { random } = this
    const alias = `a${++this.#aliases}`
    if (depth > 0 && random.chance(0.2)) {
      const { sql, types } = this.select(depth - 1)
      const names = types.map((_, index) => `y${index}`)
      const columns = types.map((type, index) => ({ name: `${alias}.y${index}`, type }))
      return { sql: clause('(', sql, `) ${alias}(${names.join(', ')})`), columns }
    }
    if (random.chance(0.07)) {
      return {
        sql: clause(`generate_series(${random.between(0, 2)}, ${random.between(1, 5)}) ${alias}(g)`),
        columns: [{ name: `${alias}.g`, type: 'integer' }],
      }
    }
    const table = random.pick(this.tables)
    return {
      sql: clause(`${table.name} ${alias}`),
      columns: table.columns.map(({ name, type }) => ({ name: `${alias}.${name}`, type })),
    }
  }

  /** @param {SqlNode} from @param {readonly Column[]} columns @param {SqlNode | string} where @param {number} depth */
  #grouped(from, columns, where, depth) {
    const { random } = this
    const keys = random.some(
      columns.filter(({ type }) => HASHABLE(type)),
      random.between(0, 2),
    )
    const aggregates = Array.from({ length: random.between(1, 3) }, () => this.aggregate(columns))
    const items = [...keys.map(({ name, type }) => expression(type, name)), ...aggregates]
    const list = keys.map(({ name }) => name)
    const grouping =
      list.length === 0
        ? ''
        : random.chance(0.2)
          ? ` GROUP BY ${random.pick(['ROLLUP', 'CUBE'])} (${list.join(', ')})`
          : ` GROUP BY ${list.join(', ')}`
    const having = random.chance(0.25)
      ? optional(
          ' HAVING ',
          expression(
            'boolean',
            '(',
            this.aggregate(columns, 'bigint'),
            random.pick([' > 1', ' = 2', ' < 5', ' IS NOT NULL']),
            ')',
          ),
        )
      : ''
    void depth
    return {
      sql: clause(
        'SELECT ',
        joined(items.map((item, index) => clause(item, ` AS x${index}`))),
        ' FROM ',
        from,
        where,
        grouping,
        having,
      ),
      types: items.map((item) => item.type ?? 'text'),
    }
  }

  /** Of values in any order. @param {readonly Column[]} columns @param {string} [type] @returns {SqlNode} */
  aggregate(columns, type) {
    const { random } = this
    const column = random.pick(columns)
    const filter = random.chance(0.15) ? optional(' FILTER (WHERE ', this.condition(columns, 0), ')') : ''
    const distinct = random.chance(0.2) && HASHABLE(column.type) ? 'DISTINCT ' : ''
    if (type === 'bigint' || random.chance(0.3)) {
      return expression(
        'bigint',
        random.chance(0.4) ? 'count(*)' : `count(${distinct}${column.name})`,
        filter,
      )
    }
    const [number] = random.some(
      columns.filter(({ type: each }) => each !== 'double precision' && NUMBERS.includes(each)),
      1,
    )
    if (number !== undefined && random.chance(0.5)) {
      const name = random.pick(['sum', 'avg', 'min', 'max', 'stddev', 'var_pop'])
      const result = /min|max/.test(name)
        ? number.type
        : name === 'sum' && /^(integer|smallint)$/.test(number.type)
          ? 'bigint'
          : 'numeric'
      return expression(result, `${name}(${random.chance(0.2) ? 'DISTINCT ' : ''}${number.name})`, filter)
    }
    if (column.type === 'boolean')
      return expression('boolean', `${random.pick(['bool_and', 'bool_or', 'every'])}(${column.name})`, filter)
    if (column.type === 'text')
      return expression('text', `string_agg(${column.name}, ',' ORDER BY ${column.name})`, filter)
    if (/^(date|text|timestamp.*|interval|mood|numeric|double precision)$/.test(column.type)) {
      return expression(column.type, `${random.pick(['min', 'max'])}(${column.name})`, filter)
    }
    return expression('bigint', `count(${column.name})`, filter)
  }

  /** Over windows in which ties make no difference. @param {readonly Column[]} columns @returns {SqlNode} */
  #windowed(columns) {
    const { random } = this
    const sortable = columns.filter(({ type }) => EXACT.has(type))
    const key = random.pick(sortable.length > 0 ? sortable : columns)
    const partition = random.chance(0.5)
      ? optional(`PARTITION BY ${random.pick(columns.filter(({ type }) => HASHABLE(type))).name} `)
      : ''
    const order = `ORDER BY ${key.name}${random.pick(['', ' DESC', ' NULLS FIRST'])}`
    switch (random.between(0, 4)) {
      case 0:
        return expression('bigint', `${random.pick(['rank', 'dense_rank'])}() OVER (`, partition, `${order})`)
      case 1:
        return expression(
          'bigint',
          `count(*) OVER (`,
          partition,
          order,
          random.pick([
            '',
            ' RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
            ' GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING',
          ]),
          ')',
        )
      case 2:
        return expression(key.type, `first_value(${key.name}) OVER (`, partition, `${order})`)
      case 3:
        return expression(
          'double precision',
          `${random.pick(['percent_rank', 'cume_dist'])}() OVER (`,
          partition,
          `${order})`,
        )
      default: {
        const number = columns.find(({ type }) => type === 'integer') ?? key
        return number.type === 'integer'
          ? expression('bigint', `sum(${number.name}) OVER (`, partition, `${order})`)
          : expression('bigint', `count(${number.name}) OVER (`, partition, `${order})`)
      }
    }
  }

  /** An expression that does not fail. @param {string} type @param {readonly Column[]} scope @param {number} depth @returns {SqlNode} */
  value(type, scope, depth) {
    const { random } = this
    const columns = scope.filter((column) => column.type === type)
    const plain = () =>
      columns.length > 0 && random.chance(0.75)
        ? expression(type, random.pick(columns).name)
        : expression(type, random.chance(0.1) ? `NULL::${type}` : literal(type, random.pick(textsOf(type))))
    if (random.chance(0.5)) return plain()
    switch (random.between(0, 5)) {
      case 0:
        return expression(
          type,
          'CASE WHEN ',
          this.condition(scope, 0),
          ' THEN ',
          plain(),
          ' ELSE ',
          plain(),
          ' END',
        )
      case 1:
        return expression(type, 'COALESCE(', plain(), ', ', plain(), ')')
      case 2:
        if (depth > 0 && random.chance(0.6)) return this.#scalarSubquery(type, scope, depth)
        return plain()
      case 3:
        return HASHABLE(type) ? expression(type, 'NULLIF(', plain(), ', ', plain(), ')') : plain()
      default:
        return this.#safeCall(type, scope, plain)
    }
  }

  /** @param {string} type @param {readonly Column[]} scope @param {() => SqlNode} plain @returns {SqlNode} */
  #safeCall(type, scope, plain) {
    const { random } = this
    const integer = () => this.value('integer', scope, 0)
    const text = () => this.value('text', scope, 0)
    switch (type) {
      case 'integer':
        return random.pick([
          () => expression(type, '(', plain(), random.pick([' + ', ' - ', ' * ']), '2)'),
          () => expression(type, 'length(', text(), ')'),
          () => expression(type, '(', plain(), ' % 3)'),
          () => expression(type, 'abs(', plain(), ')'),
        ])()
      case 'bigint':
        return expression(type, '(', integer(), ' + ', plain(), ')')
      case 'numeric':
        return expression(
          type,
          random.pick(['(', 'round(', 'abs(']),
          plain(),
          random.pick([')', ' + 1)', ' / 3)', ' * 1.5)']),
        )
      case 'double precision':
        return expression(type, '(', plain(), random.pick([' * 0.5)', ' + 1)', ' / 4)']))
      case 'text':
        return random.pick([
          () => expression(type, random.pick(['upper(', 'lower(', 'reverse(', 'md5(']), text(), ')'),
          () => expression(type, '(', text(), ' || ', text(), ')'),
          () => expression(type, 'substr(', text(), ', 1, 2)'),
          () =>
            expression(
              type,
              '(',
              this.value(random.pick(['integer', 'date', 'boolean', 'numeric']), scope, 0),
              ')::text',
            ),
        ])()
      case 'boolean':
        return this.condition(scope, 0)
      case 'date':
        return expression(type, '(', plain(), ' + 1)')
      case 'timestamp without time zone':
        return expression(type, "date_trunc('month', ", plain(), ')')
      default:
        return plain()
    }
  }

  /** @param {string} type @param {readonly Column[]} scope @param {number} depth @returns {SqlNode} */
  #scalarSubquery(type, scope, depth) {
    const { random } = this
    const { sql: from, columns } = this.#from(0)
    const where = random.chance(0.7)
      ? optional(' WHERE ', this.condition([...columns, ...scope], depth - 1))
      : ''
    const list = columns.filter((column) => column.type === type)
    if (type === 'bigint') return expression(type, '(SELECT count(*) FROM ', from, where, ')')
    if (!/^(integer|numeric|text|date|double precision|timestamp.*)$/.test(type) || list.length === 0) {
      return expression(type, literal(type, random.pick(textsOf(type))))
    }
    return expression(
      type,
      `(SELECT ${random.pick(['min', 'max'])}(${random.pick(list).name}) FROM `,
      from,
      where,
      ')',
    )
  }

  /** @param {readonly Column[]} scope @param {number} depth @returns {SqlNode} */
  condition(scope, depth) {
    const { random } = this
    const column = random.pick(scope)
    const other = () =>
      random.chance(0.5)
        ? this.value(column.type, scope, 0)
        : expression(column.type, literal(column.type, random.pick(textsOf(column.type))))
    const comparable = HASHABLE(column.type)
    const forms = [
      () => expression('boolean', `(${column.name} IS ${random.pick(['', 'NOT '])}NULL)`),
      () =>
        expression(
          'boolean',
          '(',
          this.condition(scope, depth - 1),
          random.pick([' AND ', ' OR ']),
          this.condition(scope, depth - 1),
          ')',
        ),
      () => expression('boolean', 'NOT (', this.condition(scope, depth - 1), ')'),
    ]
    if (comparable) {
      const compare = () =>
        expression(
          'boolean',
          `(${column.name}`,
          random.pick([' = ', ' <> ', ' < ', ' <= ', ' > ', ' >= ']),
          other(),
          ')',
        )
      forms.push(
        compare,
        compare,
        compare,
        compare,
        () =>
          expression(
            'boolean',
            `(${column.name} `,
            random.pick(['', 'NOT ']),
            'IN (',
            other(),
            ', ',
            other(),
            '))',
          ),
        () =>
          expression(
            'boolean',
            `(${column.name} `,
            random.pick(['', 'NOT ']),
            'BETWEEN ',
            other(),
            ' AND ',
            other(),
            ')',
          ),
        () =>
          expression(
            'boolean',
            `(${column.name} IS `,
            random.pick(['', 'NOT ']),
            'DISTINCT FROM ',
            other(),
            ')',
          ),
      )
      if (depth > 0) {
        forms.push(
          () =>
            expression(
              'boolean',
              `(${column.name} `,
              random.pick(['IN (', 'NOT IN (', '= ANY (', '<> ALL (', '< ALL (', '>= ANY (']),
              this.#subquery(column.type, scope, depth),
              '))',
            ),
          () =>
            expression(
              'boolean',
              random.pick(['', 'NOT ']),
              'EXISTS (',
              this.#subquery('integer', scope, depth),
              ')',
            ),
        )
      }
    }
    if (column.type === 'text')
      forms.push(() =>
        expression('boolean', `(${column.name} LIKE '`, random.pick(['a%', '%b', '_', '%', 'A%']), "')"),
      )
    if (column.type === 'boolean') forms.push(() => expression('boolean', column.name))
    return depth < -2 ? expression('boolean', `(${column.name} IS NULL)`) : random.pick(forms)()
  }

  /** @param {string} type @param {readonly Column[]} outer @param {number} depth */
  #subquery(type, outer, depth) {
    return this.select(depth - 1, outer, [type]).sql
  }

  #setOperation() {
    const { random } = this
    const types = Array.from(
      { length: random.between(1, 3) },
      () => random.pick(random.pick(this.tables).columns).type,
    )
    const all = types.every(HASHABLE)
      ? ['UNION', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL']
      : ['UNION ALL']
    const part = () => this.select(1, [], types).sql
    return clause(
      '(',
      part(),
      `) ${random.pick(all)} (`,
      part(),
      ')',
      optional(` ${random.pick(all)} (`, part(), ')'),
    )
  }

  #withQuery() {
    const { random } = this
    if (random.chance(0.3)) {
      const table = random.pick(this.tables)
      const limit = random.between(2, 6)
      return clause(
        `WITH RECURSIVE r(n, v) AS (SELECT id, 1 FROM ${table.name} WHERE id <= ${random.between(0, 3)}`,
        random.pick([' UNION ALL ', ' UNION ']),
        `SELECT n + ${random.between(0, 2)}, v + 1 FROM r WHERE v < ${limit}`,
        optional(` AND EXISTS (SELECT 1 FROM ${table.name} x WHERE x.id = r.n)`),
        ') SELECT n, count(*), max(v) FROM r GROUP BY n',
      )
    }
    const { sql, types } = this.select(1)
    const names = types.map((_, index) => `y${index}`)
    const columns = types.map((type, index) => ({ name: `w.y${index}`, type }))
    const where = random.chance(0.6) ? optional(' WHERE ', this.condition(columns, 0)) : ''
    const twice = random.chance(0.3) ? optional(' UNION ALL SELECT * FROM w') : ''
    return clause(
      `WITH w(${names.join(', ')}) AS ${random.pick(['', 'MATERIALIZED ', 'NOT MATERIALIZED '])}(`,
      sql,
      ') SELECT ',
      shortenable(names.map((name) => `w.${name}`)),
      ' FROM w',
      where,
      twice,
    )
  }

  /** What changes rows; whoever runs it takes it back. */
  #change() {
    const { random } = this
    const table = random.pick(this.tables)
    const change = (/** @type {SqlNode} */ statement) => ({
      statement,
      isOrdered: false,
      changed: table.name,
    })
    const columns = table.columns.map(({ name, type }) => ({ name: `${table.name}.${name}`, type }))
    const where = random.chance(0.8) ? optional(' WHERE ', this.condition(columns, 1)) : ''
    const returning = random.chance(0.7) ? optional(' RETURNING *') : ''
    const [, ...others] = table.columns
    switch (random.between(0, 3)) {
      case 0:
        return change(clause(`DELETE FROM ${table.name}`, where, returning))
      case 1: {
        const { name, type } = random.pick(random.chance(0.2) ? table.columns : others)
        return change(
          clause(`UPDATE ${table.name} SET ${name} = `, this.value(type, columns, 1), where, returning),
        )
      }
      case 2: {
        const rows = Array.from({ length: random.between(1, 3) }, () => this.#row(table))
        const conflict = random.chance(0.4)
          ? optional(
              ' ON CONFLICT ',
              random.pick([
                'DO NOTHING',
                '(id) DO NOTHING',
                `(id) DO UPDATE SET ${random.pick(others).name} = DEFAULT`,
                ...others
                  .slice(0, 1)
                  .map(
                    ({ name }) => `(id) DO UPDATE SET ${name} = EXCLUDED.${name} WHERE ${table.name}.id > 2`,
                  ),
              ]),
            )
          : ''
        return change(clause(`INSERT INTO ${table.name} VALUES `, shortenable(rows), conflict, returning))
      }
      default: {
        const other = random.pick(this.tables)
        return change(
          clause(
            `INSERT INTO ${table.name} (id) SELECT id + ${random.pick([0, 5, 100])} FROM ${other.name} s`,
            random.chance(0.5) ? ' ON CONFLICT DO NOTHING' : '',
            returning,
          ),
        )
      }
    }
  }

  /** @param {Table} table @returns {SqlNode} */
  #row({ columns }) {
    const { random } = this
    return clause(
      '(',
      joined(
        columns.map(({ type }, index) => {
          if (index === 0) return clause(random.chance(0.05) ? 'NULL' : String(random.between(1, 40)))
          return random.chance(0.1)
            ? clause('DEFAULT')
            : expression(type, literal(type, random.pick(textsOf(type))))
        }),
      ),
      ')',
    )
  }
}
