import { defined, type Env } from '@orbit-ts/base'
import { InProcessNetwork } from '../rpc/in-process/in-process-network.js'
import { GrpcServer, type ServerTls } from '../rpc/server/grpc-server.js'
import type { Service } from '../rpc/service.js'
import type { Transport } from '../rpc/transport.js'

/** Where the servers of a test cluster listen. */
export interface ClusterHost {
  /** How clients reach the servers; undefined where they open their own sockets. */
  readonly transport: Transport | undefined
  readonly network: InProcessNetwork | undefined
  /** Starts a server and gives its address. `wanted` is an address that it had before, or a port that it should have. */
  serve(name: string, service: Service, wanted?: WantedAddress): Promise<string>
  /** Ends the server of an address: its connections break. */
  end(address: string): Promise<void>
  close(): Promise<void>
}

export interface WantedAddress {
  readonly address?: string | undefined
  readonly port?: number | undefined
}

export class InProcessHost implements ClusterHost {
  readonly network: InProcessNetwork
  readonly transport: Transport
  readonly #addresses = new Set<string>()

  constructor(env: Env) {
    this.network = new InProcessNetwork({ env })
    this.transport = this.network.transport()
  }

  async serve(name: string, service: Service, wanted: WantedAddress = {}): Promise<string> {
    const address = wanted.address ?? `${name}:${wanted.port ?? 20160}`
    this.network.register(address, service)
    this.#addresses.add(address)
    return address
  }

  async end(address: string): Promise<void> {
    if (this.#addresses.delete(address)) this.network.unregister(address)
  }

  async close(): Promise<void> {
    await this.transport.close()
    for (const address of [...this.#addresses]) await this.end(address)
  }
}

export interface SocketHostOptions {
  readonly env: Env
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  readonly tls?: ServerTls | undefined
}

export class SocketHost implements ClusterHost {
  readonly transport = undefined
  readonly network = undefined
  readonly #options: SocketHostOptions
  readonly #servers = new Map<string, GrpcServer>()

  constructor(options: SocketHostOptions) {
    this.#options = options
  }

  async serve(_name: string, service: Service, wanted: WantedAddress = {}): Promise<string> {
    const { env, host, tls } = this.#options
    const server = await GrpcServer.listen({ service, env, host, tls, port: portOf(wanted) })
    this.#servers.set(server.address, server)
    return server.address
  }

  async end(address: string): Promise<void> {
    const server = this.#servers.get(address)
    this.#servers.delete(address)
    await server?.close()
  }

  async close(): Promise<void> {
    const addresses = [...this.#servers.keys()]
    await Promise.all(addresses.map((address) => this.end(address)))
  }
}

function portOf({ address, port }: WantedAddress): number {
  if (address === undefined) return port ?? 0
  return Number(defined(address.split(':').at(-1), 'the port of an address'))
}
