import type { Counter, Gauge, Histogram, Metrics } from '@orbit-ts/base'

/** The route of a request that no route is for: a label must not take whatever a client sends. */
const UNMATCHED = 'unmatched'

/** What Prometheus learns about requests. */
export class HttpMetrics {
  readonly #duration: Histogram<'method' | 'route' | 'status'>
  readonly #clientErrors: Counter
  readonly #active: Gauge

  constructor(metrics: Metrics) {
    this.#duration = metrics.histogram({
      name: 'orbit_http_request_duration_seconds',
      help: 'Time from the headers of a request to the end of its answer; status 499: the client did not wait for it.',
      labels: ['method', 'route', 'status'],
    })
    this.#clientErrors = metrics.counter({
      name: 'orbit_http_client_errors_total',
      help: 'What arrived on a connection and was no HTTP request.',
    })
    this.#active = metrics.gauge({ name: 'orbit_http_requests_active', help: 'Requests in progress.' })
  }

  observe(request: { method: string; route: string | undefined; status: number; seconds: number }): void {
    const { method, route = UNMATCHED, status, seconds } = request
    this.#duration.observe(seconds, { method, route, status: String(status) })
  }

  countClientError(): void {
    this.#clientErrors.add(1)
  }

  /** Returns a function that ends it. */
  watchActive(read: () => number): () => void {
    return this.#active.collect(read)
  }
}
