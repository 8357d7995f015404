import { Type } from 'typebox'
import type { HttpContext } from '../http-context.js'
import type { Route } from './route.js'

export function metricsRoute({ metrics }: HttpContext): Route {
  return {
    method: 'GET',
    path: '/metrics',
    id: 'metrics_get',
    tag: 'metrics',
    summary: "Gives all metrics in Prometheus' text format.",
    status: 200,
    response: Type.String(),
    responseType: 'text/plain',
    handle: async (_request, reply) => {
      const text = await metrics.render()
      reply.type(metrics.contentType)
      return text
    },
  }
}
