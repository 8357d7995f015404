/** Queries as text over tables in memory: what is planned for them, and what they give. */
import { defined } from '@orbit-ts/base'
import type { TestRunOptions, PlanRunner } from '../../exec/testing/run-plan.test.data.js'
import { FakeCatalog, typeOf } from '../../lang/sql/bind/fake-catalog.test.data.js'
import { bindStatement } from '../../lang/sql/bind/bind-statement.js'
import { parseStatements } from '../../lang/sql/parse/parse-statements.js'
import { testScalarContext } from '../../scalar/scalar-context.test.data.js'
import { systemRegistry } from '../../scalar/system-registry.js'
import type { Row } from '../../scalar/value.js'
import { explainPlan } from '../explain/explain-plan.js'
import { explainText } from '../explain/explain-text.js'
import type { LogicalPlan } from '../logical-plan.js'
import { planDirectly } from '../optimize/direct.js'
import { optimize } from '../optimize/optimize.js'
import type { OptimizerOptions } from '../optimizer.js'
import type { ExecutablePlan } from '../physical-plan.js'
import { analyzeRows } from '../statistics/analyze.js'
import { MemoryRelation, type TestIndex } from './memory-relation.test.data.js'

export interface TableOptions {
  /** `t_pkey` by the columns' names; `!` behind the name: unique. */
  readonly indexes?: Readonly<Record<string, string>>
  readonly rows?: readonly Row[]
  /** How many rows the statistics speak of. Left out: there are none, unless `rows` are given. */
  readonly rowCount?: number
}

/** `table('t', 'id int4!, name text', …)`: `!` for columns that are not null. */
export function table(name: string, columns: string, options: TableOptions = {}): MemoryRelation {
  const list = columns.split(/, (?=\w+ )/).map((column) => {
    const [own = '', type = ''] = column.trim().split(' ')
    return { name: own, type: typeOf(type.replace('!', '')), isNotNull: type.endsWith('!') }
  })
  const indexes = Object.entries(options.indexes ?? {}).map(([index, text]): TestIndex => {
    const keys = text.replace('!', '').split(', ')
    const ordinals = keys.map((key) => list.findIndex((column) => column.name === key.split(' ')[0]))
    const descending = keys.flatMap((key, at) => (key.endsWith(' desc') ? [at] : []))
    const isPrimary = index === `${name}_pkey`
    return {
      name: index,
      columns: ordinals,
      isUnique: isPrimary || text.endsWith('!'),
      isPrimary,
      descending,
    }
  })
  const rows = options.rows ?? []
  const types = list.map((column) => column.type)
  const rowCount = options.rowCount ?? rows.length
  const statistics =
    options.rows === undefined
      ? options.rowCount === undefined
        ? undefined
        : { rowCount, columns: [] }
      : { ...analyzeRows(types, rows, rowCount), rowCount }
  return new MemoryRelation(name, list, indexes, rows, statistics)
}

export class SqlTables {
  readonly #catalog: FakeCatalog
  readonly scalar = testScalarContext()

  constructor(tables: readonly MemoryRelation[]) {
    this.#catalog = new FakeCatalog(
      tables.map((relation) => ({ kind: 'relation', relation, owner: 'tester' })),
    )
  }

  bind(text: string): LogicalPlan {
    return bindStatement(defined(parseStatements(text)[0], 'a statement'), {
      catalog: this.#catalog,
      registry: systemRegistry,
      searchPath: ['public'],
      parameterTypes: [],
      scalar: this.scalar,
    }).plan
  }

  plan(text: string, options: Partial<OptimizerOptions> = {}): ExecutablePlan {
    return optimize(this.bind(text), { scalar: this.scalar, workMemoryBytes: 4 << 20, ...options })
  }

  /** EXPLAIN (COSTS OFF). */
  explain(text: string, options: Partial<OptimizerOptions> = {}): string {
    return explainText(explainPlan(this.plan(text, options), this.scalar), { costs: false }).join('\n')
  }

  async rows(runner: PlanRunner, text: string, options: TestRunOptions = {}): Promise<Row[]> {
    return runner.rows(this.plan(text), options)
  }

  async directRows(runner: PlanRunner, text: string, options: TestRunOptions = {}): Promise<Row[]> {
    return runner.rows(planDirectly(this.bind(text)), options)
  }
}
