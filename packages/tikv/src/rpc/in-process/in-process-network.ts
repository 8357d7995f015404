import { OrbitError, type Env } from '@orbit-ts/base'
import type { Service } from '../service.js'
import type { Transport } from '../transport.js'
import { InProcessTransport } from './in-process-transport.js'
import {
  matchesLink,
  type CallVerdict,
  type LinkCall,
  type LinkFilter,
  type LinkHook,
  type LinkMessage,
  type MessageVerdict,
} from './link-hook.js'

export interface InProcessNetworkOptions {
  readonly env: Env
  /**
   * Hands messages over as they are, without encoding them. Default false: they are encoded and decoded as on a
   * socket. With it, neither side may change a message that it sent or received.
   */
  readonly passObjects?: boolean | undefined
}

/** A call under way, as the network sees it. */
export interface NetworkCall {
  readonly call: LinkCall
  /** Breaks it as a lost connection does. */
  cut(reason: string): void
}

/**
 * Servers and clients of one process: an address is a name, a connection a call. With a `TestEnv`, everything that
 * happens is decided by its seed and its clock.
 *
 * Invariants:
 * 1. A message arrives after the call that sent it has returned, in the order of its stream.
 * 2. A server that is unregistered breaks every call to it; its address then refuses connections.
 */
export class InProcessNetwork {
  readonly env: Env
  readonly passObjects: boolean
  readonly #services = new Map<string, Service>()
  readonly #hooks: LinkHook[] = []
  readonly #calls = new Set<NetworkCall>()

  constructor(options: InProcessNetworkOptions) {
    this.env = options.env
    this.passObjects = options.passObjects ?? false
  }

  /** Calls under way. */
  get callCount(): number {
    return this.#calls.size
  }

  /** Errors: `INVALID_ARGUMENT` when the address is taken. */
  register(address: string, service: Service): void {
    if (this.#services.has(address)) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `the address ${address} is taken; unregister its server first`,
        { address },
      )
    }
    this.#services.set(address, service)
  }

  unregister(address: string): void {
    this.#services.delete(address)
    this.cut({ to: address })
  }

  /** How a client named `from` reaches the servers of this network. */
  transport(from = 'client'): Transport {
    return new InProcessTransport(this, from)
  }

  /** Returns a function that takes the hook away again. */
  addHook(hook: LinkHook): () => void {
    this.#hooks.push(hook)
    return () => {
      const at = this.#hooks.indexOf(hook)
      if (at >= 0) this.#hooks.splice(at, 1)
    }
  }

  /** Breaks the calls under way that match, as a lost connection does. Returns how many. */
  cut(filter: LinkFilter): number {
    const cut = [...this.#calls].filter(({ call }) => matchesLink(filter, call))
    for (const call of cut) call.cut('the connection was lost')
    return cut.length
  }

  /** For the transport: the server behind an address. */
  serviceAt(address: string): Service | undefined {
    return this.#services.get(address)
  }

  /** For the transport: what the hooks say of a call. */
  judgeCall(call: LinkCall): CallVerdict | undefined {
    return first(this.#hooks, (hook) => hook.onCall?.(call))
  }

  /** For the transport: what the hooks say of a message. */
  judgeMessage(message: LinkMessage): MessageVerdict | undefined {
    return first(this.#hooks, (hook) => hook.onMessage?.(message))
  }

  /** For the transport: notes a call, and returns what forgets it. */
  track(call: NetworkCall): () => void {
    this.#calls.add(call)
    return () => this.#calls.delete(call)
  }
}

function first<T>(hooks: readonly LinkHook[], ask: (hook: LinkHook) => T | undefined): T | undefined {
  for (const hook of hooks) {
    const verdict = ask(hook)
    if (verdict !== undefined) return verdict
  }
  return undefined
}
