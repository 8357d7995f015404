import { openDatabase, type DatabaseOptions } from '../../../database.js'
import type { Row } from '../../../scalar/value.js'
import type { SqlSession, StatementResult } from '../session-contract.js'
import { SqlEngine } from './sql-engine.js'

/** SQL over a database, in memory unless it is given a store. */
export class TestSql implements AsyncDisposable {
  readonly engine: SqlEngine
  readonly session: SqlSession

  private constructor(engine: SqlEngine, session: SqlSession) {
    this.engine = engine
    this.session = session
  }

  static async open(storage: DatabaseOptions['storage'] = { kind: 'memory' }): Promise<TestSql> {
    const database = await openDatabase({ storage })
    const engine = await SqlEngine.open(database)
    return new TestSql(engine, await engine.openSession())
  }

  /** Another session on the same database. */
  openSession(): Promise<SqlSession> {
    return this.engine.openSession()
  }

  run(text: string): Promise<string[]> {
    return run(this.session, text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close()
    await this.engine.database.close()
  }
}

/** Runs statements one after another. Gives the rows of the last as text, `1|a`, or its tag. */
export async function run(session: SqlSession, text: string): Promise<string[]> {
  let last: string[] = []
  for (const statement of await session.parse(text)) {
    last = await read(session, await session.execute(statement, []))
  }
  return last
}

async function read(session: SqlSession, result: StatementResult): Promise<string[]> {
  if (result.kind === 'command') return [result.tag]
  if (result.kind !== 'rows') return [result.kind]
  const rows: string[] = []
  for await (const batch of result.batches) for (const row of batch) rows.push(show(session, result, row))
  result.tag()
  return rows
}

function show(
  session: SqlSession,
  { columns }: StatementResult & { readonly kind: 'rows' },
  row: Row,
): string {
  return columns
    .map(({ type }, at) => {
      const value = row[at]
      return value === null || value === undefined ? '∅' : type.scalar.format(value, session.scalar)
    })
    .join('|')
}

/** The SQLSTATE that a text fails with. */
export async function failure(session: SqlSession, text: string): Promise<string> {
  try {
    await run(session, text)
  } catch (error) {
    const { details } = error as { details?: { sqlState?: string }; code?: string }
    return details?.sqlState ?? (error as { code: string }).code
  }
  return 'it succeeded'
}

/** What a text gives: its rows or tag, or its SQLSTATE. */
export async function outcomeOf(session: SqlSession, text: string): Promise<string> {
  try {
    return (await run(session, text)).join()
  } catch (error) {
    return (error as { readonly details: { readonly sqlState: string } }).details.sqlState
  }
}

/** Enough for a statement to come to the lock that it waits for; were it slower, its outcome would be the same. */
export async function untilWaiting({ engine }: TestSql): Promise<void> {
  const { env, storage } = engine.database
  for (let turn = 0; turn < 50; turn++) {
    await env.timers.nextTurn()
    if (storage.capabilities.distributed) await engine.readCatalog()
  }
}
