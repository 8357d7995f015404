import type { PreparedStatement, ResultColumn, Row, StatementResult, Value } from '@orbit-ts/engine/sql'

/** A statement with its parameters, ready to run or running: what Bind makes and Execute runs. */
export class Portal {
  readonly name: string
  readonly statement: PreparedStatement
  readonly parameters: readonly Value[]
  readonly #formats: readonly number[]
  #result: StatementResult | undefined
  #batches: AsyncIterator<Row[]> | undefined
  #controller: AbortController | undefined
  #rest: Row[] = []
  #isDone = false

  constructor(
    name: string,
    statement: PreparedStatement,
    parameters: readonly Value[],
    formats: readonly number[],
  ) {
    this.name = name
    this.statement = statement
    this.parameters = parameters
    this.#formats = formats
  }

  /** 0 text, 1 binary. One code stands for all columns, none for text. */
  readonly formatOf = (at: number): number =>
    (this.#formats.length === 1 ? this.#formats[0] : this.#formats[at]) ?? 0

  get result(): StatementResult | undefined {
    return this.#result
  }

  get isStarted(): boolean {
    return this.#result !== undefined
  }

  /** What ends its statement, once it has been started. */
  get controller(): AbortController | undefined {
    return this.#controller
  }

  get columns(): readonly ResultColumn[] | undefined {
    return this.#result?.kind === 'rows' ? this.#result.columns : this.statement.columns
  }

  start(result: StatementResult, controller: AbortController): void {
    this.#result = result
    this.#controller = controller
    if (result.kind === 'rows') this.#batches = result.batches[Symbol.asyncIterator]()
    else this.#isDone = true
  }

  /** Up to `max` of the next rows; fewer, or none, only at the end. */
  async take(max: number): Promise<Row[]> {
    if (this.#rest.length === 0 && !this.#isDone) await this.#read()
    if (this.#rest.length <= max) {
      const rows = this.#rest
      this.#rest = []
      return rows
    }
    // A batch belongs to whoever made it.
    const rows = this.#rest.slice(0, max)
    this.#rest = this.#rest.slice(max)
    return rows
  }

  /** @returns what to wait for while its statement ends, if anything */
  close(): Promise<unknown> | undefined {
    this.#rest = []
    if (this.#isDone) return undefined
    this.#isDone = true
    return this.#batches?.return?.()
  }

  async #read(): Promise<void> {
    const next = await this.#batches?.next()
    if (next === undefined || next.done === true) this.#isDone = true
    else this.#rest = next.value
  }
}
