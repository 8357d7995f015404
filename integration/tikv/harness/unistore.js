// @ts-check
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RealPd } from './real-pd.js'
import { freePorts, ServerProcess } from './server-process.js'
import { requireCommand } from './test-programs.js'

/** A real PD with PingCAP's unistore behind it: a cluster of which this project wrote nothing. */
export class UnistoreCluster {
  /** @param {RealPd} pd @param {string} folder @param {readonly string[]} command */
  constructor(pd, folder, command) {
    this.pd = pd
    this.folder = folder
    this.command = command
    this.store = new ServerProcess('unistore', command)
  }

  /** @param {{ regionSize?: number }} [options] `regionSize`: bytes after which a region splits */
  static async start({ regionSize } = {}) {
    const pd = await RealPd.start()
    const folder = await mkdtemp(join(tmpdir(), 'orbit-unistore-'))
    const [port = 0] = await freePorts(1)
    const size = regionSize === undefined ? [] : [`-region-size=${regionSize}`]
    const cluster = new UnistoreCluster(pd, folder, [
      ...requireCommand('unistore'),
      `-pd=${pd.endpoint}`,
      `-store=127.0.0.1:${port}`,
      `-dir=${folder}`,
      ...size,
    ])
    try {
      await cluster.#ready()
      await cluster.store.waitUntil(async () => {
        const regions = await pd.get('/pd/api/v1/regions')
        return (
          regions?.count > 0 && regions.regions.every((/** @type {any} */ region) => region.leader?.id > 0)
        )
      })
    } catch (error) {
      await cluster.close()
      throw error
    }
    return cluster
  }

  get pdEndpoints() {
    return [this.pd.endpoint]
  }

  /** The store anew, after its process was killed, on what it had on disk. */
  async restartStore() {
    this.store = new ServerProcess('unistore', this.command)
    await this.#ready()
  }

  #ready() {
    return this.store.waitUntil(() => this.store.output.includes('ready\n'))
  }

  async close() {
    await this.store.kill()
    await this.pd.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}
