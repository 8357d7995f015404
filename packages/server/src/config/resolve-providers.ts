import { OrbitError, configFromCode, didYouMean } from '@orbit-ts/base'
import {
  providerOptions,
  type ParsedProviderOptions,
  type ProviderOptions,
  type ProviderRegistryOptions,
} from '@orbit-ts/storage'
import type { OrbitConfig } from './orbit-config.js'
import { BACKENDS, type Backend, type ServerSettings } from './server-settings.js'

/** Of a configuration without `[providers]` and `persistence_backend`. */
export const DEFAULT_BACKEND: Backend = 'rocksdb'

/**
 * The providers to open. Without `[providers]` there is one, named after the backend, in `data_dir`. With them the
 * default one is the one that `persistence_backend` names, or else the first.
 * @throws STORAGE_UNSUPPORTED: a backend that this release does not have
 * @throws CONFIG_INVALID: a role or the backend names no configured provider
 */
export function resolveProviders(config: OrbitConfig): ProviderRegistryOptions {
  const backend = requireAvailable(config.server.persistenceBackend)
  const providers = Object.fromEntries(
    Object.entries(config.providers).map(([name, options]) => [name, toProviderOptions(options)]),
  )
  const names = Object.keys(providers)
  const first = names[0]
  if (first === undefined) {
    const only = backend ?? DEFAULT_BACKEND
    return {
      providers: { [only]: backendOptions(only, config.server.dataDir) },
      default: only,
      roles: rolesOf(config, [only]),
    }
  }
  return {
    providers,
    default: backend === undefined ? first : namedByBackend(providers, backend),
    roles: rolesOf(config, names),
  }
}

function requireAvailable(backend: ServerSettings['persistenceBackend']): Backend | undefined {
  if (backend === undefined || isAvailable(backend)) return backend
  const working = Object.keys(BACKENDS)
  throw new OrbitError(
    'STORAGE_UNSUPPORTED',
    `server.persistence_backend = "${backend}" is not part of this release; it has ${working.join(', ')}`,
    { field: 'server.persistence_backend', value: backend, available: working },
  )
}

function isAvailable(backend: string): backend is Backend {
  return Object.hasOwn(BACKENDS, backend)
}

function backendOptions(backend: Backend, dataDir: string): ProviderOptions {
  const kind = BACKENDS[backend]
  if (kind === 'memory') return { kind }
  if (kind === 'tikv') return toProviderOptions(configFromCode(providerOptions, { type: kind }))
  return { kind, dataDir }
}

function toProviderOptions({ type, ...options }: ParsedProviderOptions): ProviderOptions {
  // `type` and the rest come from one variant of the union; TypeScript forgets that when they are taken apart.
  return { kind: type, ...options } as ProviderOptions
}

function namedByBackend(providers: Readonly<Record<string, ProviderOptions>>, backend: Backend): string {
  if (Object.hasOwn(providers, backend)) return backend
  const ofKind = Object.keys(providers).find((name) => providers[name]?.kind === BACKENDS[backend])
  if (ofKind !== undefined) return ofKind
  throw new OrbitError(
    'CONFIG_INVALID',
    `server.persistence_backend = "${backend}" names no provider; configured are ${Object.keys(providers).join(', ')}`,
    { field: 'server.persistence_backend', value: backend },
  )
}

function rolesOf(
  { defaults }: OrbitConfig,
  names: readonly string[],
): NonNullable<ProviderRegistryOptions['roles']> {
  for (const [role, name] of Object.entries(defaults)) {
    if (name === undefined || names.includes(name)) continue
    throw new OrbitError(
      'CONFIG_INVALID',
      `defaults.${role} = "${name}" names no provider; there are ${names.join(', ')}${didYouMean(name, names)}`,
      { field: `defaults.${role}`, value: name },
    )
  }
  return defaults
}
