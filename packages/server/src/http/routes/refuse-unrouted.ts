import { OrbitError } from '@orbit-ts/base'
import type { FastifyRequest } from 'fastify'
import type { Route } from './route.js'

/** @throws METHOD_NOT_ALLOWED, NOT_FOUND */
export function refuseUnrouted(routes: readonly Route[], request: FastifyRequest): never {
  const path = request.url.split('?', 1)[0] ?? ''
  const allowed = allowedMethods(routes, path)
  if (allowed.length === 0) {
    throw new OrbitError('NOT_FOUND', 'there is no such path; /openapi.json lists those there are', { path })
  }
  const allow = allowed.join(', ')
  throw new OrbitError('METHOD_NOT_ALLOWED', `${request.method} is not possible here; ${allow} is`, { allow })
}

/** The methods with which the path exists; none when it does not. */
function allowedMethods(routes: readonly Route[], path: string): string[] {
  const methods = new Set<string>()
  for (const route of routes) {
    if (!matches(route.path, path)) continue
    methods.add(route.method)
    if (route.method === 'GET') methods.add('HEAD')
  }
  return [...methods].sort()
}

function matches(pattern: string, path: string): boolean {
  const expected = pattern.split('/')
  const given = path.split('/')
  return (
    expected.length === given.length &&
    expected.every((step, index) => (step.startsWith('{') ? given[index] !== '' : step === given[index]))
  )
}
