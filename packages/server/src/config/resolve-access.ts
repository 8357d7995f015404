import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { OrbitError } from '@orbit-ts/base'
import type { ServerSettings } from './server-settings.js'

/** Who may use the HTTP API. */
export interface AccessRules {
  /** Empty: no token is asked for. */
  readonly tokens: readonly string[]
  /** The server listens on a loopback address only. */
  readonly loopback: boolean
}

/** What RFC 6750 lets stand in an Authorization header. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/**
 * The tokens, from the configuration and from the file it names.
 * @throws CONFIG_INVALID: no tokens although the host is not a loopback address; a token that no request could carry; a
 *   file that cannot be read or has no token
 */
export function resolveAccess(server: ServerSettings): AccessRules {
  const tokens = [
    ...server.authTokens.map((token, index) =>
      checkToken(token.reveal(), `server.auth_tokens, item ${index + 1},`),
    ),
    ...(server.authTokensFile === undefined ? [] : tokensOfFile(server.authTokensFile)),
  ]
  const loopback = isLoopback(server.host)
  if (tokens.length === 0 && !loopback) {
    throw new OrbitError(
      'CONFIG_INVALID',
      `server.host = "${server.host}" can be reached from other machines, so server.auth_tokens or server.auth_tokens_file is required; or listen on 127.0.0.1`,
      { field: 'server.auth_tokens', host: server.host },
    )
  }
  return { tokens, loopback }
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function tokensOfFile(path: string): string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'error'
    throw invalidFile(path, `cannot be read (${reason})`)
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const tokens = lines.flatMap((line, index) =>
    line === '' ? [] : [checkToken(line, `server.auth_tokens_file = "${path}", line ${index + 1},`)],
  )
  if (tokens.length === 0) throw invalidFile(path, 'has no token')
  return tokens
}

function invalidFile(path: string, reason: string): OrbitError {
  return new OrbitError('CONFIG_INVALID', `server.auth_tokens_file = "${path}" ${reason}`, {
    field: 'server.auth_tokens_file',
    path,
  })
}

function checkToken(token: string, where: string): string {
  if (TOKEN.test(token)) return token
  throw new OrbitError(
    'CONFIG_INVALID',
    `${where} is no bearer token: letters, digits and -._~+/ are accepted, then any number of =`,
    { field: 'server.auth_tokens' },
  )
}
