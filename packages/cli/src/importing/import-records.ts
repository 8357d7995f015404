/**
 * Imports one input into one target of a database.
 *
 * Invariants:
 * 1. Records are stored in the order of the input, in transactions that also store how far it was read: a position says
 *    that every record before it is stored or was reported as left out, and none behind it.
 * 2. Memory holds one batch, limited in records and in bytes, and what is being read.
 * 3. When it stops, the error says what is stored and how to go on.
 */
import { OrbitError } from '@orbit-ts/base'
import { countOf } from '../terminal/format-count.js'
import type { Progress } from '../terminal/progress.js'
import { ByteWindow } from './byte-window.js'
import type { FileFormat } from './file-format.js'
import { findStart, type ImportFrom, type ImportStart } from './find-start.js'
import { slotOf, type ImportPosition } from './import-position.js'
import type { ImportSink, StoredBatch } from './import-sink.js'
import { InputBuffer } from './input-buffer.js'
import { isBad, type BadRecord, type InputRecord } from './input-record.js'
import type { InputSource } from './input-source.js'
import { readCsv } from './read-csv.js'
import { readJsonl } from './read-jsonl.js'

export interface ImportOptions {
  readonly format: FileFormat
  readonly from: ImportFrom
  /** Records in one transaction at most. */
  readonly batchSize: number
  /** Input in one transaction, roughly. */
  readonly batchSizeMaxBytes: number
  /** Records that may be left out because they are bad; what is more stops the import. */
  readonly skippedMax: number
  readonly delimiter: string
  /** Columns of a CSV file without a header. */
  readonly columns: readonly string[] | undefined
  readonly signal: AbortSignal
  readonly progress: Progress
  /** Told each record that is left out. */
  readonly onSkipped: (description: string) => void
}

export interface ImportResult {
  /** Records that this import stored. */
  readonly stored: number
  /** Records that the imports which it resumed had stored. */
  readonly storedBefore: number
  /** Records that this import left out. */
  readonly skipped: number
  /** An earlier import had read all of it. */
  readonly wasDone: boolean
}

/**
 * @throws IMPORT_FAILED naming the line, and saying how many records are stored; ABORTED by the signal, likewise; what
 *   the store throws
 */
export async function importRecords(
  sink: ImportSink,
  source: InputSource,
  options: ImportOptions,
): Promise<ImportResult> {
  const start = await findStart(sink, source, options)
  const run = new ImportRun({ sink, source, options }, start)
  if (start?.position.done === true && !(await run.hasMore())) {
    return { stored: 0, storedBefore: start.position.records, skipped: 0, wasDone: true }
  }
  return run.run()
}

interface ImportParts {
  readonly sink: ImportSink
  readonly source: InputSource
  readonly options: ImportOptions
}

class ImportRun {
  readonly #parts: ImportParts
  readonly #input: InputBuffer
  readonly #slot: string
  readonly #before: Pick<ImportPosition, 'records' | 'skipped'>
  readonly #delimiter: string
  #header: readonly string[] | undefined
  #batch: InputRecord[] = []
  #stored = 0
  #skipped = 0

  constructor(parts: ImportParts, start: ImportStart | undefined) {
    const { source, options } = parts
    this.#parts = parts
    this.#input = new InputBuffer(start?.window ?? new ByteWindow(), () =>
      this.#accounted(() => source.next()),
    )
    this.#slot = start?.position.slot ?? slotOf(source)
    this.#before = start?.position ?? { records: 0, skipped: 0 }
    this.#delimiter = start?.position.delimiter ?? options.delimiter
    this.#header = start?.position.header ?? options.columns
  }

  hasMore(): Promise<boolean> {
    return this.#input.readMore()
  }

  async run(): Promise<ImportResult> {
    const { window } = this.#input
    const { signal } = this.#parts.options
    for await (const record of this.#read()) {
      if (signal.aborted) break
      this.#batch.push(record)
      if (this.#isFull(record)) await this.#flush(record.end, false)
    }
    if (signal.aborted) throw await this.#interrupted()
    await this.#flush(window.end, true)
    return {
      stored: this.#stored,
      storedBefore: this.#before.records,
      skipped: this.#skipped,
      wasDone: false,
    }
  }

  async *#read(): AsyncGenerator<InputRecord> {
    const { sink, source, options } = this.#parts
    const { target } = sink
    try {
      if (options.format === 'jsonl') {
        yield* readJsonl(this.#input, (record, exact) => target.fromJson(record, exact))
        return
      }
      yield* readCsv(this.#input, {
        delimiter: this.#delimiter,
        header: this.#header,
        onHeader: (header) => {
          this.#header = header
        },
        column: (header) => target.column(header),
        emptyIsNull: target.emptyIsNull,
      })
    } catch (error) {
      throw source.named(error)
    }
  }

  #isFull(last: InputRecord): boolean {
    const { batchSize, batchSizeMaxBytes, skippedMax } = this.#parts.options
    if (isBad(last) && (last.isFatal === true || this.#skipped >= skippedMax)) return true
    const bytes = last.end - this.#input.window.committed.offset
    return this.#batch.length >= batchSize || bytes >= batchSizeMaxBytes
  }

  /** Stores the batch and, with it, the position: `offset`, or the place where a bad record stops the import. */
  async #flush(offset: number, done: boolean): Promise<void> {
    const { sink, options } = this.#parts
    const { window } = this.#input
    const endOf = ({ stoppedBy, end }: StoredBatch): number =>
      stoppedBy === undefined ? offset : (end ?? window.committed.offset)
    const result = await this.#accounted(() =>
      sink.store(this.#batch, options.skippedMax - this.#skipped, (stored) =>
        this.#positionAt(endOf(stored), stored, done),
      ),
    )
    window.commit(endOf(result))
    this.#batch = []
    this.#stored += result.stored
    this.#skipped += result.skipped.length
    for (const skipped of result.skipped) options.onSkipped(this.#describe(skipped))
    options.progress.update(window.committed.offset, countOf(this.#total, 'record'))
    if (result.stoppedBy !== undefined) throw this.#stopped(result.stoppedBy)
  }

  get #total(): number {
    return this.#before.records + this.#stored
  }

  #positionAt(offset: number, { stored, skipped, stoppedBy }: StoredBatch, done: boolean): ImportPosition {
    const { line, sha256 } = this.#input.window.placeAt(offset)
    return {
      slot: this.#slot,
      source: this.#parts.source.identity,
      format: this.#parts.options.format,
      bytes: offset,
      sha256,
      line,
      records: this.#total + stored,
      skipped: this.#before.skipped + this.#skipped + skipped.length,
      done: done && stoppedBy === undefined,
      header: this.#header ?? null,
      delimiter: this.#delimiter,
    }
  }

  #describe({ line, character, problem }: BadRecord): string {
    const place = character === undefined ? line : `${line}:${character}`
    const reason = problem.code === 'IMPORT_FAILED' ? problem.reason : problem.message
    return `${this.#parts.source.name}:${place}: ${reason}`
  }

  #stopped(record: BadRecord): OrbitError {
    const { skippedMax } = this.#parts.options
    const why =
      record.isFatal === true
        ? 'It cannot be left out. Mend the line and run the command again with --resume.'
        : skippedMax === 0
          ? 'Mend the line and run the command again with --resume, or leave bad lines out with --on-error skip.'
          : `${countOf(skippedMax, 'bad line')} may be left out, and this is one more. Mend them and run the command again with --resume, or allow more.`
    return new OrbitError(
      'IMPORT_FAILED',
      `${this.#describe(record)}\n${this.#account()} ${why}`,
      { line: record.line, records: this.#total },
      { cause: record.problem },
    )
  }

  /** What is in the database. */
  #account(): string {
    const { line } = this.#input.window.committed
    if (this.#total === 0) return 'Nothing is stored.'
    const verb = this.#total === 1 ? 'is' : 'are'
    return `${countOf(this.#total, 'record')} before line ${line} ${verb} stored, nothing after.`
  }

  /** Stores what was read; the rest can follow later. */
  async #interrupted(): Promise<OrbitError> {
    const last = this.#batch.at(-1)
    if (last !== undefined) await this.#flush(last.end, false)
    return new OrbitError('ABORTED', `the import was interrupted. ${this.#account()} Go on with --resume.`)
  }

  /** An error of the store says what is stored, too. */
  async #accounted<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const { code, reason, details } = OrbitError.from(error)
      const place = code === 'IMPORT_FAILED' ? `${this.#parts.source.name}: ` : ''
      const account =
        code === 'COMMIT_UNDETERMINED'
          ? 'The last records that were read may or may not be stored.'
          : this.#account()
      const text = `${place}${reason}\n${account} Go on with --resume.`
      throw new OrbitError(code, text, details, { cause: error })
    }
  }
}
