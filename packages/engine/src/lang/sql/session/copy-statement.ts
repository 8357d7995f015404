import { OrbitError } from '@orbit-ts/base'
import { queryError, unsupported } from '../../../scalar/condition.js'
import type { Relation, RelationWrite, WriteRow } from '../../../relation/relation.js'
import type { Row, Value } from '../../../scalar/value.js'
import {
  copyOptions,
  type CopyOptionInput,
  type CopyOptions,
  type CopyOptionValue,
} from '../copy/copy-options.js'
import { copyReader, type CopyColumn, type CopyReader } from '../copy/copy-reader.js'
import { copyWriter } from '../copy/copy-writer.js'
import { parseStatement } from '../parse/parse-statements.js'
import { stringOf, stringsOf, type CopyStmt, type Node, type RangeVar } from '../parse/tree.js'
import type { LoadedCatalog } from '../catalog/snapshot.js'
import type { CopyInResult, CopyOutResult, ResultColumn } from '../session-contract.js'
import { checkPrivileges } from './check-privileges.js'
import { currentPlan, startPlan, type QuerySource } from './query-statement.js'
import { begunBatches, runAgainWhenStale, runPlanned, type PlanOf } from './run-planned.js'
import { lockForChange } from './lock-statement.js'
import { readOnly } from './read-only.js'
import type { StatementScope } from './statement-scope.js'
import { sessionPath } from './search-path.js'
import type { SessionState } from './session-state.js'
import type { StatementRun } from './statement-run.js'
import { innerQuery } from './utility-tags.js'

/** Rows that are inserted at once. */
const ROWS_AT_ONCE = 1000

/** COPY. The statement ends with its data. */
export async function runCopy(
  state: SessionState,
  run: StatementRun,
  source: QuerySource,
  statement: CopyStmt,
): Promise<CopyInResult | CopyOutResult> {
  if (statement.filename !== undefined || statement.is_program === true)
    throw queryError('insufficient_privilege', 'the server does not read or write files for COPY', {
      hint: 'Use COPY … FROM STDIN or TO STDOUT, or psql’s \\copy.',
    })
  const options = copyOptions(optionInput(statement.options))
  return statement.is_from === true
    ? runAgainWhenStale(state, run, (scope) => copyIn(state, run, statement, options, scope))
    : copyOut(state, run, source, statement, options)
}

async function copyIn(
  state: SessionState,
  run: StatementRun,
  statement: CopyStmt,
  options: CopyOptions,
  scope: StatementScope,
): Promise<CopyInResult> {
  if (statement.whereClause !== undefined) throw unsupported('COPY FROM … WHERE')
  const relation = requireRelation(state, scope.catalog, statement.relation)
  const ordinals = ordinalsOf(relation, statement.attlist)
  if (state.transaction.isReadOnly) throw readOnly('COPY FROM')
  checkPrivileges(scope.catalog, state.user, [
    {
      kind: 'class',
      oid: relation.oid,
      schema: relation.schema,
      name: relation.name,
      privilege: 'insert',
      columns: ordinals.map((ordinal) => relation.columns[ordinal]?.name ?? ''),
      role: undefined,
    },
  ])
  if (relation.writer === undefined)
    throw queryError('wrong_object_type', `cannot copy to "${relation.name}"`)
  if (statement.relation !== undefined) await lockForChange(state, scope, [statement.relation])
  const write = await relation.writer.begin({
    models: scope.context,
    scalar: state.scalar,
    signal: scope.signal,
  })
  const reader = copyReader(relation.name, columnsOf(relation, ordinals), options, state.scalar)
  const input = new CopyInput(relation, ordinals, reader, write, scope)
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw await run.fail(error)
    }
  }
  return {
    kind: 'copy-in',
    isBinary: options.format === 'binary',
    columnCount: ordinals.length,
    write: (chunk) => guarded(() => input.write(chunk)),
    end: () =>
      guarded(async () => {
        const count = await input.end()
        await run.succeed()
        return `COPY ${count}`
      }),
    fail: async (reason) => {
      throw await run.fail(queryError('query_canceled', `COPY from stdin failed: ${reason}`))
    },
  }
}

/** Turns bytes into rows and inserts them, many at once. */
class CopyInput {
  readonly #relation: Relation
  readonly #ordinals: readonly number[]
  readonly #reader: CopyReader
  readonly #write: RelationWrite
  readonly #scope: StatementScope
  #rows: WriteRow[] = []
  #count = 0

  constructor(
    relation: Relation,
    ordinals: readonly number[],
    reader: CopyReader,
    write: RelationWrite,
    scope: StatementScope,
  ) {
    this.#relation = relation
    this.#ordinals = ordinals
    this.#reader = reader
    this.#write = write
    this.#scope = scope
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#take(() => this.#reader.push(chunk))
  }

  async end(): Promise<number> {
    await this.#take(() => this.#reader.end())
    await this.#flush()
    await this.#write.finish()
    return this.#count
  }

  async #take(rows: () => Iterable<Row>): Promise<void> {
    const iterator = rows()[Symbol.iterator]()
    for (let next = this.#read(iterator); next.done !== true; next = this.#read(iterator)) {
      this.#rows.push(this.#wide(next.value))
      if (this.#rows.length >= ROWS_AT_ONCE) await this.#flush()
    }
  }

  /** What is wrong with the data is told with its place; rows that are refused later have none of their own any more. */
  #read(rows: Iterator<Row>): IteratorResult<Row> {
    try {
      return rows.next()
    } catch (error) {
      throw placed(error, this.#reader.place)
    }
  }

  /** The values at their places; what COPY does not name gets its default. */
  #wide(row: Row): WriteRow {
    const wide = new Array<Value | undefined>(this.#relation.columns.length).fill(undefined)
    for (const [at, ordinal] of this.#ordinals.entries()) wide[ordinal] = row[at] ?? null
    return wide
  }

  async #flush(): Promise<void> {
    if (this.#rows.length === 0) return
    this.#scope.signal.throwIfAborted()
    const rows = this.#rows
    this.#rows = []
    await this.#write.insert(rows)
    this.#count += rows.length
  }
}

async function copyOut(
  state: SessionState,
  run: StatementRun,
  source: QuerySource,
  statement: CopyStmt,
  options: CopyOptions,
): Promise<CopyOutResult> {
  const planOf: PlanOf = (catalog) => {
    const tree = innerQuery(source.tree) ?? parseStatement(selectAll(state, catalog, statement))
    const plan = currentPlan(state, { tree, parameterTypes: [], plan: undefined }, catalog)
    return { plan, values: [] }
  }
  return runPlanned(state, run, planOf, async ({ plan, values }, scope) => {
    const { bound } = plan
    if (bound.columns === undefined)
      throw queryError('feature_not_supported', 'COPY query must have a RETURNING clause')
    const { execution } = startPlan(state, plan, values, scope)
    return copiedOut(state, run, bound.columns, options, await begunBatches(execution, bound))
  })
}

function copiedOut(
  state: SessionState,
  run: StatementRun,
  columns: readonly ResultColumn[],
  options: CopyOptions,
  batches: AsyncIterator<Row[], void>,
): CopyOutResult {
  const writer = copyWriter(columns, options, state.scalar)
  let count = 0
  const isBinary = options.format === 'binary'
  const chunks = async function* (): AsyncGenerator<readonly Uint8Array[]> {
    let hasEnded = false
    try {
      let start = writer.start()
      for await (const rows of { [Symbol.asyncIterator]: () => batches }) {
        count += rows.length
        const parts = writer.rows(rows)
        if (start !== undefined) yield isBinary ? [joined(start, parts.shift())] : [start]
        start = undefined
        yield parts
      }
      const end = writer.end()
      if (start !== undefined) yield [joined(start, end)]
      else if (end !== undefined) yield [end]
      hasEnded = true
      await run.succeed()
    } catch (error) {
      hasEnded = true
      throw await run.fail(error)
    } finally {
      if (!hasEnded) await run.succeed()
    }
  }
  return {
    kind: 'copy-out',
    isBinary,
    columnCount: columns.length,
    chunks: chunks(),
    tag: () => `COPY ${count}`,
  }
}

function joined(first: Uint8Array, second: Uint8Array | undefined): Uint8Array {
  return second === undefined ? first : Buffer.concat([first, second])
}

/** The query that COPY of a table stands for. */
function selectAll(
  state: SessionState,
  catalog: LoadedCatalog,
  { relation: range, attlist }: CopyStmt,
): string {
  const relation = requireRelation(state, catalog, range)
  const names = ordinalsOf(relation, attlist).map((ordinal) => quote(relation.columns[ordinal]?.name ?? ''))
  return `SELECT ${names.join(', ')} FROM ${quote(relation.schema)}.${quote(relation.name)}`
}

function requireRelation(state: SessionState, catalog: LoadedCatalog, range: RangeVar | undefined): Relation {
  const name = range?.relname ?? ''
  const found = catalog.findClass({ schema: range?.schemaname, name }, sessionPath(state, catalog))
  if (found === undefined) {
    const full = range?.schemaname === undefined ? name : `${range.schemaname}.${name}`
    throw queryError('undefined_table', `relation "${full}" does not exist`)
  }
  if (found.kind !== 'relation')
    throw queryError('wrong_object_type', `cannot copy ${found.kind} "${name}"`, {
      hint: 'Try the COPY (SELECT ...) TO variant.',
    })
  return found.relation
}

function ordinalsOf(relation: Relation, names: readonly Node[] | undefined): number[] {
  if (names === undefined) {
    return [...relation.columns.keys()].filter((ordinal) => {
      const column = relation.columns[ordinal]
      return column?.isHidden !== true && column?.generated !== 'stored'
    })
  }
  const seen = new Set<string>()
  return stringsOf(names).map((name) => {
    const ordinal = relation.columns.findIndex((column) => column.name === name)
    if (ordinal < 0)
      throw queryError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`)
    if (seen.has(name)) throw queryError('duplicate_column', `column "${name}" specified more than once`)
    seen.add(name)
    if (relation.columns[ordinal]?.generated === 'stored')
      throw queryError('invalid_column_reference', `column "${name}" is a generated column`, {
        detail: 'Generated columns cannot be used in COPY.',
      })
    return ordinal
  })
}

function columnsOf(relation: Relation, ordinals: readonly number[]): CopyColumn[] {
  return ordinals.flatMap((ordinal) => relation.columns[ordinal] ?? [])
}

function optionInput(options: readonly Node[] | undefined): CopyOptionInput {
  const input = new Map<string, CopyOptionValue>()
  for (const option of options ?? []) {
    if (!('DefElem' in option)) continue
    const { defname = '', arg } = option.DefElem
    if (input.has(defname)) throw queryError('syntax_error', 'conflicting or redundant options')
    input.set(defname, optionValue(arg))
  }
  return input
}

function optionValue(node: Node | undefined): CopyOptionValue {
  if (node === undefined) return true
  if ('A_Star' in node) return { all: true }
  if ('List' in node) return stringsOf(node.List.items)
  if ('Integer' in node) return String(node.Integer.ival ?? 0)
  if ('Boolean' in node) return String(node.Boolean.boolval ?? false)
  return stringOf(node) ?? true
}

function placed(error: unknown, context: string): unknown {
  if (!(error instanceof OrbitError) || error.details['context'] !== undefined) return error
  return new OrbitError(error.code, error.reason, { ...error.details, context }, { cause: error })
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
