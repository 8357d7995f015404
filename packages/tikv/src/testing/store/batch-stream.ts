import { BatchCommandsEmptyRequest, BatchCommandsEmptyResponse } from '../../gen/tikvpb.js'
import type { BatchItem, BatchRequest, BatchResponse } from '../../rpc/batch-message.js'
import { GrpcStatus } from '../../rpc/grpc-status.js'
import { batchedMethods } from '../../rpc/methods.js'
import { RpcRefusal, type CallContext, type ServerDuplex, type ServerReceiver } from '../../rpc/service.js'
import type { StoreNode } from './store-node.js'
import { healthFeedback } from './store-operations.js'

const ANSWERS_PER_MESSAGE_MAX = 128

/**
 * One `BatchCommands` stream: commands run side by side, and those that finish in one turn are answered together.
 *
 * Invariants:
 * 1. Each command is answered at most once, under its own id, in the order in which they finish.
 * 2. Health feedback goes with the first answer, and with every one that was asked for it.
 */
export class BatchStream implements ServerReceiver<unknown> {
  readonly #node: StoreNode
  readonly #responses: ServerDuplex<unknown>
  readonly #context: CallContext
  #ready: BatchItem[] = []
  #flushing = false
  #ended = false
  #callerEnded = false
  #running = 0
  #feedbackSent = false

  constructor(node: StoreNode, responses: ServerDuplex<unknown>, context: CallContext) {
    this.#node = node
    this.#responses = responses
    this.#context = context
  }

  onMessage(request: unknown): void {
    // The stream's method decodes every message into this type.
    for (const item of (request as BatchRequest).items) void this.#run(item)
  }

  onEnd(): void {
    this.#callerEnded = true
    if (this.#context.signal.aborted) this.#ended = true
    else this.#endIfDone()
  }

  async #run(item: BatchItem): Promise<void> {
    this.#running++
    try {
      this.#answer({ ...item, payload: await this.#execute(item) })
    } catch (error) {
      if (this.#ended) return
      this.#ended = true
      if (!(error instanceof RpcRefusal))
        this.#responses.end(new RpcRefusal(GrpcStatus.INTERNAL, String(error)))
      else if (error.status === GrpcStatus.UNAVAILABLE) this.#responses.destroy()
      else this.#responses.end(error)
    } finally {
      this.#running--
      this.#endIfDone()
    }
  }

  async #execute({ batchCase, payload }: BatchItem): Promise<Uint8Array> {
    if (batchCase === 'empty') return answerEmpty(payload)
    const method = batchCase === undefined ? undefined : batchedMethods.get(batchCase)
    if (method === undefined) return new Uint8Array(0)
    const { metadata, signal } = this.#context
    const arrival = { metadata, signal, batched: true }
    const response = await this.#node.call(method, method.decodeRequest(payload), arrival)
    return method.encodeResponse(response)
  }

  #answer(item: BatchItem): void {
    if (this.#ended) return
    this.#ready.push(item)
    if (this.#flushing) return
    this.#flushing = true
    void this.#node.env.timers.nextTurn().then(() => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    const items = this.#ready
    this.#ready = []
    const passed: BatchItem[] = []
    for (const item of items) {
      if (this.#ended) return
      if (this.#node.faults.takeCut(this.#node.storeId)) {
        this.#send(passed)
        this.#ended = true
        this.#responses.destroy()
        return
      }
      passed.push(item)
      if (passed.length === ANSWERS_PER_MESSAGE_MAX) this.#send(passed.splice(0))
    }
    this.#send(passed)
    this.#endIfDone()
  }

  /** A caller that has ended its direction still gets its answers. */
  #endIfDone(): void {
    const done = this.#callerEnded && this.#running === 0 && !this.#flushing && this.#ready.length === 0
    if (!done || this.#ended) return
    this.#ended = true
    this.#responses.end()
  }

  #send(items: readonly BatchItem[]): void {
    if (items.length === 0 || this.#ended) return
    const asked = items.some(({ batchCase }) => batchCase === 'getHealthFeedback')
    const tells = asked || !this.#feedbackSent
    this.#feedbackSent = true
    const response: BatchResponse = {
      items,
      transportLayerLoad: 0n,
      healthFeedback: tells ? healthFeedback(this.#node) : undefined,
      serverSendTimeNs: BigInt(Math.floor(this.#node.env.clock.nowMs())) * 1_000_000n,
    }
    this.#responses.send(response)
  }
}

function answerEmpty(payload: Uint8Array): Uint8Array {
  const { testId } = BatchCommandsEmptyRequest.decode(payload)
  return BatchCommandsEmptyResponse.encode(BatchCommandsEmptyResponse.create({ testId })).finish()
}
