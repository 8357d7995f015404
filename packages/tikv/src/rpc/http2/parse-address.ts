import { OrbitError } from '@orbit-ts/base'

export interface Address {
  readonly host: string
  readonly port: number
  /** Whether the address itself asks for TLS (`https://`). */
  readonly secure: boolean
  /** `host:port`, as HTTP/2's `:authority` has it. */
  readonly authority: string
}

/** `host:port`, `[::1]:port`, and both after `http://` or `https://`. Errors: `INVALID_ARGUMENT`. */
export function parseAddress(address: string): Address {
  const match =
    /^(?:(?<scheme>https?):\/\/)?(?:\[(?<six>[0-9a-fA-F:.%]+)\]|(?<host>[^\s:/[\]]+)):(?<port>\d{1,5})\/?$/.exec(
      address,
    )
  const port = Number(match?.groups?.['port'])
  const host = match?.groups?.['six'] ?? match?.groups?.['host']
  if (host === undefined || port < 1 || port > 65_535) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `"${address}" is no address; write host:port, http://host:port or https://host:port, with a port from 1 to 65535`,
      { address },
    )
  }
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return { host, port, secure: match?.groups?.['scheme'] === 'https', authority }
}
