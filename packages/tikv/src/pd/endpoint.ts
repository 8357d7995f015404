import { OrbitError } from '@orbit-ts/base'

/** One address of PD, as users write it and as PD announces it. */
export interface Endpoint {
  /** With its scheme: what PD calls a client URL. */
  readonly url: string
  /** `host:port`, which a transport opens. */
  readonly address: string
  readonly secure: boolean
}

const DEFAULT_PORT = 2379

/** @throws `INVALID_ARGUMENT` for anything but `host:port`, optionally with `http://` or `https://` in front. */
export function parseEndpoint(text: string, secureByDefault: boolean): Endpoint {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
    : `${secureByDefault ? 'https' : 'http'}://${text}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  if (url === undefined || !isPlain(url)) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `pdEndpoints: ${JSON.stringify(text)} is not an address of PD; write host:port, http://host:port or https://host:port`,
      { field: 'pdEndpoints', value: text },
    )
  }
  const defaultPort = url.protocol === 'https:' ? 443 : 80
  const port = url.port !== '' ? url.port : writesPort(text) ? String(defaultPort) : String(DEFAULT_PORT)
  const address = `${url.hostname}:${port}`
  return { url: `${url.protocol}//${address}`, address, secure: url.protocol === 'https:' }
}

/** `URL` drops a port that is the default of its scheme. */
const writesPort = (text: string): boolean => /:\d+\/?$/.test(text)

function isPlain(url: URL): boolean {
  return (
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.hostname !== '' &&
    url.port !== '0' &&
    url.username === '' &&
    url.password === '' &&
    (url.pathname === '' || url.pathname === '/') &&
    url.search === '' &&
    url.hash === ''
  )
}
