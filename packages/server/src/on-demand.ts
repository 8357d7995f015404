/** What serves HTTP, loaded when it is called: who only reads a configuration need not wait for it. */
import type { OrbitConfig } from './config/orbit-config.js'
import type { HttpServer, HttpServerOptions } from './http/build-http-server.js'
import type { OrbitServer, StartOptions } from './orbit-server.js'

/**
 * Opens the providers, the database and the HTTP API of a configuration.
 * @throws CONFIG_INVALID, STORAGE_UNSUPPORTED (a backend of another release), STORAGE_LOCKED, STORAGE_CORRUPT and what
 *   else opening a provider throws; ABORTED. Whatever was open already is closed again.
 */
export async function startServer(config: OrbitConfig, options?: StartOptions): Promise<OrbitServer> {
  const server = await import('./orbit-server.js')
  return server.startServer(config, options)
}

/**
 * The HTTP API over an open database.
 * @throws CONFIG_INVALID: no tokens although the host is not a loopback address
 */
export async function buildHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const http = await import('./http/build-http-server.js')
  return http.buildHttpServer(options)
}
