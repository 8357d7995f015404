import type { Env, Timer } from '@orbit-ts/base'
import type { PdMembers } from '../../pd/pd-members.js'
import type { RegionHeartbeatRequest, RegionHeartbeatResponse } from '../../gen/pdpb.js'
import { pdMethods } from '../../rpc/pd-methods.js'
import type { Duplex } from '../../rpc/transport.js'

const REOPEN_MS = 200

export interface HeartbeatStreamOptions {
  readonly env: Env
  readonly members: PdMembers
  /** The stream is there (again): PD may know nothing of what was sent before. */
  readonly onOpen: () => void
  readonly onOrder: (order: RegionHeartbeatResponse) => void
}

/**
 * One store's stream of region heartbeats to the leader of PD.
 *
 * Invariants:
 * 1. A broken stream is opened again, after 200 ms and as often as it takes, at whoever leads then.
 * 2. After `close` no timer and no stream is left.
 */
export class HeartbeatStream {
  readonly #options: HeartbeatStreamOptions
  #stream: Duplex<RegionHeartbeatRequest> | undefined
  #timer: Timer | undefined
  #closed = false

  constructor(options: HeartbeatStreamOptions) {
    this.#options = options
  }

  /** Lost when the stream is broken: `onOpen` is when to tell everything again. */
  send(heartbeat: RegionHeartbeatRequest): void {
    this.#stream?.send(heartbeat)
  }

  open(): void {
    const { members, onOpen, onOrder } = this.#options
    if (this.#closed || this.#stream !== undefined) return
    const leader = members.leader
    if (leader === undefined) {
      this.#reopenLater()
      return
    }
    const stream = members.channel(leader).duplex(
      pdMethods.regionHeartbeat,
      {
        onMessage: (order) => onOrder(order),
        onEnd: () => {
          this.#stream = undefined
          this.#reopenLater()
        },
      },
      {},
    )
    this.#stream = stream
    onOpen()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#stream?.cancel()
    this.#stream = undefined
  }

  #reopenLater(): void {
    if (this.#closed) return
    this.#timer?.cancel()
    this.#timer = this.#options.env.timers.set(() => {
      void this.#options.members.refresh().then(() => this.open())
    }, REOPEN_MS)
  }
}
