import { readFile, stat } from 'node:fs/promises'
import { createSecureContext, type SecureContext } from 'node:tls'
import { OrbitError, type Logger } from '@orbit-ts/base'
import type { TlsConfig } from '../../config/tikv-config.js'

/** The parts of the configuration that hold PEM text or name a file of it. */
const PARTS = [
  { name: 'ca', file: 'caFile', what: 'the certificate authorities' },
  { name: 'cert', file: 'certFile', what: 'the client certificate' },
  { name: 'key', file: 'keyFile', what: 'the private key' },
] as const

type PartName = (typeof PARTS)[number]['name']
type Pems = Partial<Record<PartName, string>>

/**
 * What a connection proves itself with and whom it trusts, read anew when its files change.
 *
 * Invariants:
 * 1. Files are read at the first use, and again only when one of them has another time, size or inode.
 * 2. New files that cannot be read or do not fit each other leave the old credentials in use, with a warning: a
 *    certificate and its key are seldom replaced at the same instant.
 */
export class TlsCredentials {
  readonly serverName: string | undefined
  readonly verifyCn: readonly string[]
  readonly #config: TlsConfig
  readonly #logger: Logger
  #context: SecureContext | undefined
  #seen = ''
  #reading: Promise<SecureContext> | undefined

  /** Errors: `CONFIG_INVALID` for a certificate without its key, or a part given both as text and as file. */
  constructor(config: TlsConfig, logger: Logger) {
    checkParts(config)
    this.#config = config
    this.#logger = logger
    this.serverName = config.serverName
    this.verifyCn = config.verifyCn
  }

  /** The current credentials. Errors: `RPC_TLS` when they cannot be had and there are no older ones. */
  context(): Promise<SecureContext> {
    this.#reading ??= this.#refresh().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  async #refresh(): Promise<SecureContext> {
    try {
      const seen = await this.#fingerprint()
      if (this.#context === undefined || seen !== this.#seen) {
        this.#context = createSecureContext({ ...(await this.#read()), minVersion: 'TLSv1.2' })
        this.#seen = seen
      }
      return this.#context
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      if (this.#context === undefined) {
        throw new OrbitError('RPC_TLS', `the TLS credentials cannot be used: ${why}`, {}, { cause })
      }
      this.#logger.warn({ err: cause }, 'the changed TLS files cannot be used; the older ones stay in use')
      return this.#context
    }
  }

  async #fingerprint(): Promise<string> {
    const marks = await Promise.all(
      PARTS.map(async ({ file }) => {
        const path = this.#config[file]
        if (path === undefined) return ''
        const { mtimeMs, size, ino } = await stat(path)
        return `${mtimeMs}/${size}/${ino}`
      }),
    )
    return marks.join(' ')
  }

  async #read(): Promise<Pems> {
    const pems: Pems = {}
    for (const { name, file } of PARTS) {
      const path = this.#config[file]
      const text = name === 'key' ? this.#config.key?.reveal() : this.#config[name]
      const pem = path === undefined ? text : await readFile(path, 'utf8')
      if (pem !== undefined) pems[name] = pem
    }
    return pems
  }
}

function checkParts(config: TlsConfig): void {
  for (const { name, file, what } of PARTS) {
    if (config[name] !== undefined && config[file] !== undefined) {
      throw new OrbitError(
        'CONFIG_INVALID',
        `tls.${name} and tls.${file} both give ${what}; keep one of them`,
      )
    }
  }
  const hasCert = config.cert !== undefined || config.certFile !== undefined
  const hasKey = config.key !== undefined || config.keyFile !== undefined
  if (hasCert !== hasKey) {
    throw new OrbitError(
      'CONFIG_INVALID',
      hasCert
        ? 'tls has a client certificate without its private key; set keyFile or key too'
        : 'tls has a private key without its certificate; set certFile or cert too',
    )
  }
}
