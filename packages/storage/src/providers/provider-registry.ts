/**
 * The providers of one process by name, and which of them plays which role.
 *
 * Invariants:
 * 1. Every name that a role refers to is open; a role without a name of its own uses the default provider.
 * 2. `close` closes each provider once, in the reverse order of opening.
 */
import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { Health, StorageProvider } from '../provider.js'
import { openProvider, type OpenProviderContext } from './open-provider.js'
import type { ProviderOptions } from './provider-options.js'

/** `addressable`: the directory of actors. `cluster`: membership. `data`: the five models. */
export type ProviderRole = 'data' | 'addressable' | 'cluster'

export interface ProviderRegistryOptions {
  /** Providers to open, by name, in this order. */
  readonly providers: Readonly<Record<string, ProviderOptions>>
  /** The provider of roles that are not named. Default: the first one. */
  readonly default?: string
  readonly roles?: Readonly<Partial<Record<ProviderRole, string>>>
}

export class ProviderRegistry implements AsyncDisposable {
  readonly #providers = new Map<string, StorageProvider>()
  readonly #roles: Readonly<Partial<Record<ProviderRole, string>>>
  readonly #default: string

  private constructor(defaultName: string, roles: Readonly<Partial<Record<ProviderRole, string>>>) {
    this.#default = defaultName
    this.#roles = roles
  }

  /**
   * Opens all of them, or none: when one fails, those already open are closed again.
   * @throws INVALID_ARGUMENT: no providers, or a role that names none of them; otherwise as `openProvider`
   */
  static async open(
    options: ProviderRegistryOptions,
    context: OpenProviderContext = {},
  ): Promise<ProviderRegistry> {
    const names = Object.keys(options.providers)
    const first = names[0]
    if (first === undefined) throw new OrbitError('INVALID_ARGUMENT', 'providers: at least one is needed')
    for (const [role, name] of [['default', options.default], ...Object.entries(options.roles ?? {})]) {
      if (name !== undefined && !names.includes(name)) throw unknownProvider(name, names, `${role} = `)
    }
    const registry = new ProviderRegistry(options.default ?? first, options.roles ?? {})
    try {
      for (const [name, provider] of Object.entries(options.providers)) {
        registry.#providers.set(name, await openProvider(provider, context))
      }
    } catch (error) {
      await registry.close()
      throw error
    }
    return registry
  }

  static builder(): ProviderRegistryBuilder {
    return new ProviderRegistryBuilder()
  }

  get names(): readonly string[] {
    return [...this.#providers.keys()]
  }

  /** @throws INVALID_ARGUMENT, naming the nearest one */
  get(name: string): StorageProvider {
    const provider = this.#providers.get(name)
    if (provider === undefined) throw unknownProvider(name, this.names, '')
    return provider
  }

  nameFor(role: ProviderRole): string {
    return this.#roles[role] ?? this.#default
  }

  forRole(role: ProviderRole): StorageProvider {
    return this.get(this.nameFor(role))
  }

  async health(): Promise<Readonly<Record<string, Health>>> {
    const entries = [...this.#providers].map(
      async ([name, provider]) => [name, await provider.health()] as const,
    )
    return Object.fromEntries(await Promise.all(entries))
  }

  async close(): Promise<void> {
    for (const provider of [...this.#providers.values()].reverse()) await provider.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Collects providers in code: `ProviderRegistry.builder().with('main', { kind: 'memory' }).open()`. */
export class ProviderRegistryBuilder {
  readonly #providers: Record<string, ProviderOptions> = {}
  readonly #roles: Partial<Record<ProviderRole, string>> = {}
  #default: string | undefined

  /** @throws INVALID_ARGUMENT when the name is taken */
  with(name: string, options: ProviderOptions, settings: { readonly default?: boolean } = {}): this {
    if (Object.hasOwn(this.#providers, name)) {
      throw new OrbitError('INVALID_ARGUMENT', `provider "${name}" was given twice`, { name })
    }
    this.#providers[name] = options
    if (settings.default === true) this.#default = name
    return this
  }

  role(role: ProviderRole, name: string): this {
    this.#roles[role] = name
    return this
  }

  open(context?: OpenProviderContext): Promise<ProviderRegistry> {
    const options = { providers: this.#providers, roles: this.#roles }
    return ProviderRegistry.open(
      this.#default === undefined ? options : { ...options, default: this.#default },
      context,
    )
  }
}

function unknownProvider(name: string, names: readonly string[], field: string): OrbitError {
  return new OrbitError(
    'INVALID_ARGUMENT',
    `${field}"${name}" is no provider; there are ${names.join(', ')}${didYouMean(name, names)}`,
    { name },
  )
}
