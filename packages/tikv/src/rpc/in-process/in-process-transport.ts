import { closedError } from '../rpc-error.js'
import type { Channel, Transport } from '../transport.js'
import { InProcessChannel } from './in-process-channel.js'
import type { InProcessNetwork } from './in-process-network.js'

/** Reaches the servers of an {@link InProcessNetwork}; made by its `transport()`. */
export class InProcessTransport implements Transport {
  readonly #network: InProcessNetwork
  readonly #from: string
  readonly #channels = new Set<InProcessChannel>()
  #closed = false

  constructor(network: InProcessNetwork, from: string) {
    this.#network = network
    this.#from = from
  }

  open(address: string): Channel {
    const channel = new InProcessChannel({
      network: this.#network,
      from: this.#from,
      address,
      onClose: () => this.#channels.delete(channel),
    })
    if (this.#closed) channel.close()
    else this.#channels.add(channel)
    return channel
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const channel of [...this.#channels]) channel.close(closedError('the client'))
  }
}
