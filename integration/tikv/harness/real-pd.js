// @ts-check
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts, ServerProcess } from './server-process.js'
import { requireCommand } from './test-programs.js'

/** A real PD of one member, with a data directory that lives as long as it. */
export class RealPd {
  /** @param {string} folder @param {number} clientPort @param {number} peerPort */
  constructor(folder, clientPort, peerPort) {
    this.folder = folder
    this.endpoint = `127.0.0.1:${clientPort}`
    this.command = [
      ...requireCommand('pd'),
      '--name=pd1',
      `--data-dir=${join(folder, 'data')}`,
      `--client-urls=http://127.0.0.1:${clientPort}`,
      `--peer-urls=http://127.0.0.1:${peerPort}`,
      '-L=warn',
    ]
    /** @type {ServerProcess | undefined} */
    this.process = undefined
  }

  static async start() {
    const [clientPort = 0, peerPort = 0] = await freePorts(2)
    const pd = new RealPd(await mkdtemp(join(tmpdir(), 'orbit-pd-')), clientPort, peerPort)
    try {
      await pd.resume()
    } catch (error) {
      await pd.close()
      throw error
    }
    return pd
  }

  /** Starts it (again) and waits until it leads. */
  async resume() {
    this.process = new ServerProcess('pd', this.command)
    await this.process.waitUntil(async () => {
      const leader = await this.get('/pd/api/v1/leader')
      return leader !== undefined
    })
  }

  async kill() {
    await this.process?.kill()
  }

  async restart() {
    await this.kill()
    await this.resume()
  }

  /** An answer of its HTTP interface; undefined when there is none. @param {string} path @returns {Promise<any>} */
  async get(path) {
    try {
      const response = await fetch(`http://${this.endpoint}${path}`, { signal: AbortSignal.timeout(3000) })
      return response.ok ? await response.json() : undefined
    } catch {
      return undefined
    }
  }

  /** Asks its HTTP interface to do something, and must be obeyed. @param {string} path @param {object} body @returns {Promise<any>} */
  async post(path, body) {
    const response = await fetch(`http://${this.endpoint}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`PD answered ${path} with ${response.status}: ${text}`)
    return JSON.parse(text)
  }

  async close() {
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }
}
