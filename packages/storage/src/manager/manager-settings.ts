import {
  boolean,
  byteSize,
  duration,
  integer,
  list,
  number,
  oneOf,
  OrbitError,
  section,
  string,
  type SectionValue,
} from '@orbit-ts/base'
import type { ProviderSelectionStrategy } from './selection-strategy.js'
import { requireFitStrategy, requireStore } from './selection-strategy.js'
import type { StorageManagerConfig } from './storage-manager.js'

/** `[storage_manager]`. */
export const storageManagerSettings = section(
  {
    enabled: boolean({
      default: false,
      doc: 'Whether the state of actors is spread over all providers by a storage manager.',
    }),
    strategy: oneOf(['Default', 'ByActorType', 'ByDataPattern'], {
      default: 'Default',
      doc: 'How an actor without a provider gets one. Programs may give a function of their own instead.',
    }),
    provider: string({
      optional: true,
      doc: 'Of Default: the provider of all actors. Of ByActorType: of the types that actor_types leaves out. Default: that of the data.',
    }),
    actorTypes: list(string(), {
      default: [],
      doc: 'Only with ByActorType: types of actors and their providers, as "Cart=local".',
    }),
    local: string({
      optional: true,
      doc: 'Only with ByDataPattern, which needs it: the provider of one process.',
    }),
    distributed: string({
      optional: true,
      doc: 'Only with ByDataPattern, which needs it: the provider that several processes share.',
    }),
    distributedThreshold: number({
      min: 0,
      default: 10,
      doc: 'Of ByDataPattern: an actor with more cross references than this goes to the distributed provider.',
    }),
    latencySensitive: boolean({
      default: false,
      doc: 'Of ByDataPattern: whether actors that say nothing of it need short answers most of all.',
    }),
    consistency: oneOf(['local', 'cluster'], {
      default: 'local',
      doc: 'Of ByDataPattern: whether actors that say nothing of it are used by one process or by several.',
    }),
    assignments: string({
      optional: true,
      doc: 'The provider of the assignments and of the log of transactions across providers: always the same one, and one of the most durable. Default: that of the data.',
    }),
    batchEntriesMax: integer({ min: 1, default: 256, doc: 'Entries that a migration copies at once.' }),
    batchSizeMaxBytes: byteSize({
      key: 'batch_size_max',
      default: '1MiB',
      minBytes: 1,
      doc: 'Keys and values that a migration copies at once; one entry may be larger.',
    }),
    catchUpRoundsMax: integer({
      min: 1,
      default: 20,
      doc: 'How often a migration copies changes before it pauses the actor for the rest.',
    }),
    pauseWaitMs: duration({
      unit: 's',
      key: 'pause_wait',
      default: '10s',
      doc: 'How long a transaction waits for an actor that is paused.',
    }),
    cachedAssignmentsMax: integer({ min: 1, default: 10_000, doc: 'Assignments kept in memory.' }),
    timeoutMs: duration({
      unit: 's',
      key: 'timeout',
      default: '30s',
      minMs: 1,
      doc: 'How long a transaction across providers may live, and stay prepared without a decision.',
    }),
    recoveryIntervalMs: duration({
      unit: 's',
      key: 'recovery_interval',
      default: '5s',
      minMs: 1,
      doc: 'How often transactions across providers that nobody finishes are looked for.',
    }),
  },
  { doc: 'Several providers at once: which of them has the state of which actor.' },
)

export type StorageManagerSettings = SectionValue<typeof storageManagerSettings>

const AT = 'storage_manager'

/**
 * What the settings mean over these providers.
 * @throws CONFIG_INVALID: a setting that names no provider, or does not go with the strategy
 */
export function managerConfigOf(
  settings: StorageManagerSettings,
  stores: { readonly names: readonly string[]; readonly data: string },
): StorageManagerConfig {
  const { enabled: _, strategy: kind, provider, actorTypes, local, distributed, ...limits } = settings
  const { distributedThreshold, latencySensitive, consistency, assignments, ...rest } = limits
  refuseOthers(kind, 'ByActorType', { actor_types: actorTypes.length > 0 })
  refuseOthers(kind, 'ByDataPattern', { local: local !== undefined, distributed: distributed !== undefined })
  const strategy = ((): ProviderSelectionStrategy => {
    switch (kind) {
      case 'Default':
        return { kind, store: provider ?? stores.data }
      case 'ByActorType':
        return { kind, stores: typesOf(actorTypes), otherwise: provider ?? stores.data }
      case 'ByDataPattern':
        return {
          kind,
          matcher: {
            local: needed('local', local),
            distributed: needed('distributed', distributed),
            distributedThreshold,
            performanceRequirements: { latencySensitive },
            consistencyRequirements: consistency,
          },
        }
    }
  })()
  const named = assignments ?? stores.data
  try {
    requireFitStrategy(strategy, stores.names)
    requireStore(named, stores.names, 'assignments')
  } catch (error) {
    throw invalid(OrbitError.from(error).reason)
  }
  return { ...rest, strategy, assignments: named }
}

function refuseOthers(kind: string, wanted: string, given: Readonly<Record<string, boolean>>): void {
  if (kind === wanted) return
  const [found] = Object.keys(given).filter((key) => given[key] === true)
  if (found !== undefined) throw invalid(`${found} needs strategy = "${wanted}", not "${kind}"`)
}

function needed(key: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw invalid(`strategy = "ByDataPattern" needs ${key}, the name of a provider`)
}

function typesOf(texts: readonly string[]): Record<string, string> {
  const types = new Map<string, string>()
  for (const text of texts) {
    const at = text.lastIndexOf('=')
    const [type, store] = [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()]
    if (type === '' || store === '')
      throw invalid(`actor_types: "${text}" is not of the form "Type=provider"`)
    if (types.has(type)) throw invalid(`actor_types: "${type}" was given twice`)
    types.set(type, store)
  }
  return Object.fromEntries(types)
}

function invalid(reason: string): OrbitError {
  return new OrbitError('CONFIG_INVALID', `${AT}: ${reason}`, { field: AT })
}
