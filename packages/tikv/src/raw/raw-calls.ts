import { OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import type { KeyRange } from '../key-range.js'
import {
  callByKey,
  forEachBatch,
  forEachPart,
  type Again,
  type KeyedAnswer,
  type RegionBatch,
} from '../region/by-region.js'
import type { RegionRequest, RegionResponse, SendOptions } from '../region/region-request.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import { inSpan } from '../telemetry/in-span.js'
import { rawError, undeterminedWrite } from './raw-errors.js'
import type { RawCallOptions } from './raw-options.js'

/** Of calls whose work grows with what is stored. */
const LONG_TIMEOUT_MS = 60_000

/** What a raw response may carry besides its answer. */
export interface RawResponse extends RegionResponse {
  readonly error: string
}

/** One raw command under way. */
export interface RawCommand {
  readonly backoffer: Backoffer
  readonly options: RawCallOptions
  /** Whether the answer of some part of it was lost on its way. */
  answerLost: boolean
}

export interface RawBatches<Item> {
  readonly items: readonly Item[]
  keyOf(item: Item): Uint8Array
  sizeOf?(item: Item): number
  readonly batchBytesMax?: number
  readonly batchItemsMax?: number
}

/** How raw commands travel: to one key, to many keys in batches by region, to every region of a range. */
export class RawCalls {
  readonly #core: ClientCore

  constructor(core: ClientCore) {
    this.#core = core
  }

  /** Runs a command, measured. */
  async run<T>(
    command: string,
    options: RawCallOptions,
    work: (command: RawCommand) => Promise<T>,
  ): Promise<T> {
    const { signal } = options
    if (signal?.aborted === true) {
      throw new OrbitError(
        'ABORTED',
        `raw ${command}: its signal is aborted already`,
        {},
        { cause: signal.reason },
      )
    }
    const { env, telemetry } = this.#core
    const startMs = env.clock.monotonicMs()
    const backoffer = this.#core.backoffer(BackoffBudgets.raw, signal)
    try {
      return await inSpan(telemetry.tracer, `tikv.raw.${command}`, {}, () =>
        work({ backoffer, options, answerLost: false }),
      )
    } finally {
      telemetry.rawSeconds.observe((env.clock.monotonicMs() - startMs) / 1000, { command })
    }
  }

  /** As `run`, for commands that may have been done although they failed. */
  write<T>(command: string, options: RawCallOptions, work: (command: RawCommand) => Promise<T>): Promise<T> {
    return this.run(command, options, async (running) => {
      try {
        return await work(running)
      } catch (error) {
        throw undeterminedWrite(`raw ${command}`, error, running.answerLost)
      }
    })
  }

  async toKey<Request extends RegionRequest, Response extends RawResponse>(
    { backoffer, options }: RawCommand,
    method: KvMethod<Request, Response>,
    key: Uint8Array,
    request: Request,
  ): Promise<KeyedAnswer<Response>> {
    const answer = await callByKey({
      regions: this.#core.regions,
      sender: this.#core.sender,
      backoffer,
      key,
      method,
      request,
      options: this.#sendOptions(method, options),
    })
    if (answer.response.error !== '') throw rawError(method.name, answer.response.error)
    return answer
  }

  /** Every batch runs although another one failed. */
  inBatches<Item, Request extends RegionRequest, Response extends RegionResponse>(
    command: RawCommand,
    method: KvMethod<Request, Response>,
    batches: RawBatches<Item>,
    requestFor: (items: readonly Item[]) => Request,
    onAnswer: (response: Response) => void = () => undefined,
  ): Promise<void> {
    return forEachBatch({
      ...batches,
      regions: this.#core.regions,
      backoffer: command.backoffer,
      concurrency: this.#core.config.committerConcurrency,
      cancelOnError: false,
      work: (batch, own) => this.#sendBatch(command, method, batch, requestFor(batch.items), own, onAnswer),
    })
  }

  overRange<Request extends RegionRequest, Response extends RawResponse>(
    command: RawCommand,
    method: KvMethod<Request, Response>,
    range: KeyRange,
    requestFor: (part: KeyRange) => Request,
    onAnswer: (response: Response) => void = () => undefined,
  ): Promise<void> {
    const sendOptions = { ...this.#sendOptions(method, command.options), timeoutMs: LONG_TIMEOUT_MS }
    return forEachPart({
      regions: this.#core.regions,
      backoffer: command.backoffer,
      range,
      concurrency: this.#core.config.committerConcurrency,
      work: async (part, own) => {
        const request = requestFor(part.range)
        const outcome = await this.#core.sender.send(own, part.region, method, request, sendOptions)
        if (outcome.transportFailed) command.answerLost = true
        if (outcome.regionError !== undefined) return outcome.regionError
        if (outcome.response.error !== '') throw rawError(method.name, outcome.response.error)
        onAnswer(outcome.response)
        return undefined
      },
    })
  }

  async #sendBatch<Item, Request extends RegionRequest, Response extends RegionResponse>(
    command: RawCommand,
    method: KvMethod<Request, Response>,
    batch: RegionBatch<Item>,
    request: Request,
    backoffer: Backoffer,
    onAnswer: (response: Response) => void,
  ): Promise<Again<Item> | undefined> {
    const sendOptions = { ...this.#sendOptions(method, command.options), retry: batch.attempt > 0 }
    const outcome = await this.#core.sender.send(backoffer, batch.region, method, request, sendOptions)
    if (outcome.transportFailed) command.answerLost = true
    if (outcome.regionError !== undefined) return { items: batch.items, regionError: outcome.regionError }
    const error = textErrorOf(outcome.response)
    if (error !== '') throw rawError(method.name, error)
    onAnswer(outcome.response)
    return undefined
  }

  #sendOptions(method: { readonly writes: boolean }, options: RawCallOptions): SendOptions {
    const { requestTimeout, writeTimeout } = this.#core.config
    return {
      timeoutMs: method.writes ? writeTimeout : requestTimeout,
      details: options.details,
      interceptors: options.interceptors,
    }
  }
}

/** Not every raw response has the field. */
function textErrorOf(response: RegionResponse): string {
  return 'error' in response && typeof response.error === 'string' ? response.error : ''
}
