/**
 * The life of a client after it has shown who it is: queries, prepared statements, portals, COPY.
 *
 * Invariants:
 * 1. Messages are handled one after another, in the order in which they came.
 * 2. After an error in the extended protocol nothing is done until Sync.
 * 3. Each Query and each Sync is answered by exactly one ReadyForQuery.
 * 4. What the client does not read holds up its own session only: rows are computed as fast as they are taken.
 */
import {
  queryError,
  type CopyInResult,
  type CopyOutResult,
  type ParsedStatement,
  type PreparedStatement,
  type SqlSession,
  type StatementResult,
} from '@orbit-ts/engine/sql'
import { errorFields } from '../report-error.js'
import type { FrontendMessage } from '../wire/frontend-messages.js'
import type { MessageWriter } from '../wire/message-writer.js'
import { violation } from '../wire/violation.js'
import { Portal } from './portal.js'
import { readParameters } from './read-parameters.js'
import { rowWriter } from './write-rows.js'

/** Bytes of answers that are gathered before they are sent. */
const SEND_BYTES = 64 * 1024

const ALL_ROWS = 0

export interface ProtocolSessionOptions {
  readonly session: SqlSession
  readonly writer: MessageWriter
  /** Sends what the writer holds; ends when the client has taken enough of it. */
  readonly flush: () => Promise<void>
  /** The next message of a client that sends data for COPY; undefined when it has gone. */
  readonly nextMessage: () => Promise<FrontendMessage | undefined>
  /**
   * What ends the statement under way when the client cancels it, or has gone.
   * @param known of a statement that goes on
   */
  readonly statement: (known?: AbortController) => AbortController
  /** Whether an error is why the connection ends. */
  readonly isEnding: (error: unknown) => boolean
}

export class ProtocolSession {
  readonly #session: SqlSession
  readonly #writer: MessageWriter
  readonly #flush: () => Promise<void>
  readonly #nextMessage: ProtocolSessionOptions['nextMessage']
  readonly #startStatement: ProtocolSessionOptions['statement']
  readonly #isEnding: ProtocolSessionOptions['isEnding']
  readonly #portals = new Map<string, Portal>()
  #unnamed: PreparedStatement | undefined
  #isSkipping = false
  #isBatch = false

  constructor(options: ProtocolSessionOptions) {
    this.#session = options.session
    this.#writer = options.writer
    this.#flush = options.flush
    this.#nextMessage = options.nextMessage
    this.#startStatement = options.statement
    this.#isEnding = options.isEnding
  }

  /** True between the first message of an extended query and its Sync. */
  get isBatch(): boolean {
    return this.#isBatch
  }

  /**
   * @returns what to wait for, if anything
   * @throws what ends the connection: everything else is told to the client
   */
  handle(message: FrontendMessage): Promise<void> | undefined {
    if (this.#isSkipping && message.kind !== 'sync') return undefined
    switch (message.kind) {
      case 'query':
        return this.#query(message.text)
      case 'sync':
        return this.#sync()
      case 'flush':
        return this.#flush()
      case 'copy-data':
      case 'copy-done':
      case 'copy-fail':
        // The COPY that they belong to has failed.
        return undefined
      case 'password':
        throw violation('unexpected authentication message')
      case 'function-call':
        this.#report(queryError('feature_not_supported', 'the function call protocol is not supported'))
        return this.#ready()
      default:
        return this.#extended(message)
    }
  }

  async #query(text: string): Promise<void> {
    try {
      await this.#closePortal('')
      const statements = await this.#session.parse(text)
      if (statements.length === 0) this.#writer.empty('I')
      const isBatch = statements.length > 1
      for (const [at, statement] of statements.entries()) {
        if (isBatch) this.#session.beginImplicit()
        await this.#run(statement, isBatch && at === statements.length - 1)
      }
    } catch (error) {
      await this.#fail(error)
      await this.#endImplicit()
    }
    return this.#ready()
  }

  /** One statement of a simple query. The last of several commits before it says that it is done. */
  async #run(statement: ParsedStatement, isLast: boolean): Promise<void> {
    const { signal } = this.#startStatement()
    const result = await this.#session.execute(statement, [], { signal })
    const tag = await this.#answer(result)
    if (isLast) await this.#session.endImplicit()
    if (tag === undefined) this.#writer.empty('I')
    else this.#writer.commandComplete(tag)
  }

  /** Everything of a result in text; gives its tag, undefined for an empty query. */
  async #answer(result: StatementResult): Promise<string | undefined> {
    switch (result.kind) {
      case 'empty':
        return undefined
      case 'command':
        return result.tag
      case 'copy-in':
        return this.#copyIn(result)
      case 'copy-out':
        return this.#copyOut(result)
      case 'rows': {
        const asText = (): number => 0
        this.#writer.rowDescription(result.columns, asText)
        const write = rowWriter(result.columns, asText, this.#session.scalar)
        for await (const rows of result.batches) {
          for (const row of rows) {
            write(this.#writer, row)
            if (this.#writer.length >= SEND_BYTES) await this.#flush()
          }
        }
        return result.tag()
      }
    }
  }

  async #copyIn(result: CopyInResult): Promise<string> {
    this.#writer.copyResponse('G', result.isBinary, result.columnCount)
    await this.#flush()
    for (;;) {
      const message = await this.#nextMessage()
      switch (message?.kind) {
        case 'copy-data':
          await result.write(message.data)
          break
        case 'copy-done':
          return result.end()
        case 'copy-fail':
          await result.fail(message.reason)
          break
        case 'flush':
        case 'sync':
          break
        case undefined:
          await result.fail('the client has gone')
          break
        default:
          await result.fail(`unexpected message type during COPY from stdin`)
      }
    }
  }

  async #copyOut(result: CopyOutResult): Promise<string> {
    this.#writer.copyResponse('H', result.isBinary, result.columnCount)
    for await (const chunk of result.chunks) {
      for (const part of chunk) {
        this.#writer.copyData(part)
        if (this.#writer.length >= SEND_BYTES) await this.#flush()
      }
    }
    this.#writer.empty('c')
    return result.tag()
  }

  #extended(message: FrontendMessage): Promise<void> | undefined {
    try {
      this.#isBatch = true
      this.#session.beginImplicit()
      return this.#step(message)?.catch(this.#failStep)
    } catch (error) {
      return this.#failStep(error)
    }
  }

  readonly #failStep = async (error: unknown): Promise<void> => {
    await this.#fail(error)
    this.#isSkipping = true
  }

  #step(message: FrontendMessage): Promise<void> | undefined {
    switch (message.kind) {
      case 'parse':
        return this.#parse(message)
      case 'bind':
        return this.#bind(message)
      case 'describe':
        if (message.target === 'statement') this.#describeStatement(message.name)
        else this.#describePortal(message.name)
        return undefined
      case 'execute':
        return this.#execute(message.portal, message.rowsMax)
      case 'close':
        return this.#close(message.target, message.name)
      default:
        throw violation(`unexpected message: ${message.kind}`)
    }
  }

  async #parse({ name, text, parameterOids }: FrontendMessage & { kind: 'parse' }): Promise<void> {
    if (name !== '' && this.#session.prepared.has(name))
      throw queryError('duplicate_prepared_statement', `prepared statement "${name}" already exists`)
    const statements = await this.#session.parse(text)
    if (statements.length > 1)
      throw queryError('syntax_error', 'cannot insert multiple commands into a prepared statement')
    const [statement] = statements
    const prepared =
      statement === undefined
        ? EMPTY
        : await this.#session.prepare(
            statement,
            parameterOids.map((oid) => this.#session.typeByOid(oid)),
          )
    if (name === '') this.#unnamed = prepared
    else this.#session.prepared.set(name, prepared)
    this.#writer.empty('1')
  }

  #bind(message: FrontendMessage & { kind: 'bind' }): Promise<void> | undefined {
    const { portal: name } = message
    const statement = this.#statement(message.statement)
    if (name !== '' && this.#portals.has(name))
      throw queryError('duplicate_cursor', `cursor "${name}" already exists`)
    const closing = this.#closePortal(name)
    if (closing !== undefined) return closing.then(() => this.#openPortal(message, statement))
    this.#openPortal(message, statement)
    return undefined
  }

  #openPortal(message: FrontendMessage & { kind: 'bind' }, statement: PreparedStatement): void {
    const { portal: name, resultFormats, formats, values } = message
    const parameters = readParameters(
      statement.parameters,
      formats,
      values,
      this.#session.scalar,
      message.statement,
    )
    const columnCount = statement.columns?.length ?? 0
    if (resultFormats.length > 1 && resultFormats.length !== columnCount) {
      throw violation(
        `bind message has ${resultFormats.length} result formats but query has ${columnCount} columns`,
      )
    }
    const odd = resultFormats.find((format) => format !== 0 && format !== 1)
    if (odd !== undefined) throw queryError('invalid_parameter_value', `unsupported format code: ${odd}`)
    this.#portals.set(name, new Portal(name, statement, parameters, resultFormats))
    this.#writer.empty('2')
  }

  #describeStatement(name: string): void {
    const { parameters, columns } = this.#statement(name)
    this.#writer.parameterDescription(parameters.map(({ scalar }) => scalar.oid))
    if (columns === undefined) this.#writer.empty('n')
    else this.#writer.rowDescription(columns, () => 0)
  }

  #describePortal(name: string): void {
    const cursor = this.#portals.has(name) ? undefined : this.#session.cursorColumns(name)
    if (cursor !== undefined) return void this.#writer.rowDescription(cursor, () => 0)
    const portal = this.#portal(name)
    if (portal.columns === undefined) this.#writer.empty('n')
    else this.#writer.rowDescription(portal.columns, portal.formatOf)
  }

  async #execute(name: string, rowsMax: number): Promise<void> {
    const portal = this.#portal(name)
    if (portal.statement === EMPTY) {
      this.#writer.empty('I')
      return
    }
    const isResumed = portal.isStarted
    if (isResumed) this.#resume(portal)
    else {
      const isPortal = rowsMax !== ALL_ROWS
      // What may be suspended keeps what ends it.
      const controller = this.#startStatement(isPortal ? new AbortController() : undefined)
      const result = await this.#session.execute(portal.statement, portal.parameters, {
        signal: controller.signal,
      })
      portal.start(result, controller)
      if (result.kind !== 'rows') {
        const tag = await this.#answer(result)
        if (tag === undefined) this.#writer.empty('I')
        else this.#writer.commandComplete(tag)
        return
      }
    }
    await this.#sendRows(portal, rowsMax === ALL_ROWS ? Infinity : rowsMax, isResumed)
  }

  /** @throws object_not_in_prerequisite_state for what is done once, in_failed_sql_transaction */
  #resume(portal: Portal): void {
    if (portal.result?.kind !== 'rows')
      throw queryError('object_not_in_prerequisite_state', `portal "${portal.name}" cannot be run`)
    if (this.#session.transactionStatus === 'failed')
      throw queryError(
        'in_failed_sql_transaction',
        'current transaction is aborted, commands ignored until end of transaction block',
      )
    this.#startStatement(portal.controller)
    portal.result.resume?.()
  }

  async #sendRows(portal: Portal, max: number, isResumed: boolean): Promise<void> {
    const { result } = portal
    if (result?.kind !== 'rows') return
    const write = rowWriter(result.columns, portal.formatOf, this.#session.scalar)
    let [left, count] = [max, 0]
    while (left > 0) {
      const rows = await portal.take(left)
      if (rows.length === 0) break
      left -= rows.length
      count += rows.length
      for (const row of rows) {
        write(this.#writer, row)
        if (this.#writer.length >= SEND_BYTES) await this.#flush()
      }
    }
    // As PostgreSQL does: a portal that gave as many rows as were asked for is suspended, though none may be left.
    if (left === 0) {
      result.suspend?.()
      this.#writer.empty('s')
    } else this.#writer.commandComplete(isResumed ? lastPart(result.tag(), count) : result.tag())
  }

  async #close(target: 'statement' | 'portal', name: string): Promise<void> {
    if (target === 'statement') {
      if (name === '') this.#unnamed = undefined
      else this.#session.prepared.delete(name)
    } else {
      await this.#closePortal(name)
    }
    this.#writer.empty('3')
  }

  async #sync(): Promise<void> {
    this.#isSkipping = false
    this.#isBatch = false
    if (this.#portals.size > 0) await this.#endPortals()
    await this.#endImplicit()
    return this.#ready()
  }

  /** Portals live as long as their transaction. */
  async #endPortals(): Promise<void> {
    if (this.#session.transactionStatus !== 'idle') return
    for (const name of this.#portals.keys()) {
      const closing = this.#closePortal(name)
      if (closing !== undefined) await closing
    }
  }

  async #endImplicit(): Promise<void> {
    try {
      await this.#session.endImplicit()
    } catch (error) {
      this.#report(error)
    }
  }

  async #ready(): Promise<void> {
    if (this.#portals.size > 0) await this.#endPortals()
    this.#session.deliverNotifications()
    this.#writer.readyForQuery(this.#session.transactionStatus)
    return this.#flush()
  }

  /** @returns what to wait for, if anything */
  #closePortal(name: string): Promise<unknown> | undefined {
    const portal = this.#portals.get(name)
    this.#portals.delete(name)
    return portal?.close()
  }

  #statement(name: string): PreparedStatement {
    const found = name === '' ? this.#unnamed : this.#session.prepared.get(name)
    if (found !== undefined) return found
    throw queryError(
      'invalid_sql_statement_name',
      name === ''
        ? 'unnamed prepared statement does not exist'
        : `prepared statement "${name}" does not exist`,
    )
  }

  #portal(name: string): Portal {
    const portal = this.#portals.get(name)
    if (portal !== undefined) return portal
    throw queryError('invalid_cursor_name', `portal "${name}" does not exist`)
  }

  /** Whatever was wrong, before or while a statement ran, fails the transaction. */
  async #fail(error: unknown): Promise<void> {
    this.#report(error)
    await this.#session.failTransaction()
  }

  /** @throws what ends the connection: the client does not keep to the protocol, or somebody wants it gone */
  #report(error: unknown): void {
    if (this.#isEnding(error)) throw error
    this.#writer.report('E', errorFields(error, 'ERROR'))
  }
}

/** The tag of a portal that gave its rows in parts counts those of the last part. */
function lastPart(tag: string, count: number): string {
  return tag.replace(/\d+$/, String(count))
}

/** What a text without a statement is prepared as. */
const EMPTY: PreparedStatement = {
  statement: { text: '', offset: 0, tree: undefined },
  parameters: [],
  columns: undefined,
  tag: '',
}
