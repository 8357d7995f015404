import type { Health } from '@orbit-ts/storage'
import { Type } from 'typebox'
import type { HttpContext } from '../http-context.js'
import { result } from '../operations/argument-types.js'
import type { Route } from './route.js'

type Status = 'Healthy' | 'Degraded' | 'Unhealthy'

const WORDS: Readonly<Record<Health['status'], Status>> = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  unhealthy: 'Unhealthy',
}

interface Readiness {
  readonly status: Status
  readonly closing: boolean
  readonly providers: Readonly<Record<string, ProviderHealth>>
}

interface ProviderHealth {
  readonly status: Status
  readonly reason?: string
  readonly latencyMs: number
}

/** Of the gauge. */
const LEVELS: Readonly<Record<Health['status'], number>> = { healthy: 0, degraded: 1, unhealthy: 2 }

const status = Type.Enum(['Healthy', 'Degraded', 'Unhealthy'])
const readiness = result({
  status,
  closing: Type.Boolean({ description: 'The server is stopping and takes no new work.' }),
  providers: Type.Object(
    {},
    {
      additionalProperties: Type.Object({
        status,
        reason: Type.Optional(
          Type.String({ description: 'Why it is not healthy; only with a token where tokens are needed.' }),
        ),
        latencyMs: Type.Number({ description: 'How long the probe took.' }),
      }),
      description: 'By name.',
    },
  ),
})

/** Whether the process is there, and whether it can work. No token is needed for either. */
export function healthRoutes({ registry, requests, tokens, metrics }: HttpContext): Route[] {
  const level = metrics.gauge({
    name: 'orbit_provider_health',
    help: 'What /health/ready last found: 0 healthy, 1 degraded, 2 unhealthy.',
    labels: ['provider'],
  })
  const probeAll = async (): Promise<Readonly<Record<string, Health>>> => {
    const found = await registry.health()
    for (const [provider, health] of Object.entries(found)) level.set(LEVELS[health.status], { provider })
    return found
  }
  let probing: Promise<Readonly<Record<string, Health>>> | undefined
  /** However many ask at once, the providers are probed once. */
  const probe = (): Promise<Readonly<Record<string, Health>>> => {
    probing ??= probeAll().finally(() => {
      probing = undefined
    })
    return probing
  }
  return [
    {
      method: 'GET',
      path: '/health/live',
      id: 'health_live',
      tag: 'health',
      summary: 'Says that the process answers.',
      public: true,
      status: 200,
      response: result({ status: Type.Literal('Healthy') }),
      handle: () => Promise.resolve({ status: 'Healthy' }),
    },
    {
      method: 'GET',
      path: '/health/ready',
      id: 'health_ready',
      tag: 'health',
      summary:
        'Says whether the server can work: 503 when a provider is unhealthy, or when the server is stopping.',
      public: true,
      status: 200,
      failure: { status: 503, response: readiness },
      response: readiness,
      handle: async (request, reply) => {
        const withReasons = tokens.accepts(request.headers.authorization)
        const answer = readinessOf(await probe(), requests.closing, withReasons)
        reply.code(answer.closing || answer.status === 'Unhealthy' ? 503 : 200)
        return answer
      },
    },
  ]
}

function readinessOf(
  found: Readonly<Record<string, Health>>,
  closing: boolean,
  withReasons: boolean,
): Readiness {
  const entries = Object.entries(found).map(([name, { status: word, reason, latencyMs }]) => {
    const health: ProviderHealth = {
      status: WORDS[word],
      latencyMs,
      ...(reason !== undefined && withReasons ? { reason } : {}),
    }
    return [name, health] as const
  })
  const words = entries.map(([, health]) => health.status)
  const worst = (['Unhealthy', 'Degraded'] as const).find((word) => words.includes(word)) ?? 'Healthy'
  return { status: worst, closing, providers: Object.fromEntries(entries) }
}
