// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A server in a process of its own. Keeps the end of what it says, for the messages of failures. Ends with this one. */
export class ServerProcess {
  #output = ''
  #ended = false

  /** @param {string} name @param {readonly string[]} command */
  constructor(name, command) {
    this.name = name
    const [file = '', ...options] = command
    this.child = spawn(file, options, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.exited = once(this.child, 'exit')
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (data) => (this.#output = (this.#output + String(data)).slice(-20_000)))
    }
    // Not to outlive a test that fails before it closes what it started.
    const kill = () => void this.child.kill('SIGKILL')
    process.on('exit', kill)
    this.child.on('exit', () => {
      this.#ended = true
      process.off('exit', kill)
    })
  }

  get output() {
    return this.#output
  }

  /**
   * Waits until `isReady` says so.
   * @param {() => Promise<boolean> | boolean} isReady
   * @param {number} timeoutMs
   */
  async waitUntil(isReady, timeoutMs = 60_000) {
    const deadline = Date.now() + timeoutMs
    while (!(await isReady())) {
      if (this.#ended || Date.now() > deadline) {
        throw new Error(
          `${this.name} ${this.#ended ? 'has ended' : 'is not ready'}: ${this.#output.slice(-2000)}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async kill() {
    if (this.#ended) return
    this.child.kill('SIGKILL')
    await this.exited
  }
}

/** Ports of the loopback address that are free now. @param {number} count @returns {Promise<number[]>} */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = []
  for (const server of servers) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    ports.push(typeof address === 'object' && address !== null ? address.port : 0)
  }
  for (const server of servers) {
    server.close()
    await once(server, 'close')
  }
  return ports
}
