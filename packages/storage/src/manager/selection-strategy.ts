import { didYouMean, OrbitError } from '@orbit-ts/base'
import type { StoredObject } from './stored-object.js'

/** What an object needs of the speed of its store. */
export interface PerformanceProfile {
  /** Short answers matter more than reach: a store in the process. Default false. */
  readonly latencySensitive?: boolean
}

/** `local`: one process reads and writes it. `cluster`: several processes do, and all see every commit. */
export type ConsistencyLevel = 'local' | 'cluster'

/** What is known of an object when its store is chosen. */
export interface ObjectContext {
  /** How many other actors it refers to. Default 0. */
  readonly crossReferences?: number
  /** Default: the matcher's. */
  readonly performance?: PerformanceProfile
  /** Default: the matcher's. */
  readonly consistency?: ConsistencyLevel
}

/**
 * Chooses between a local and a distributed store. The first rule that applies counts:
 * 1. `cluster` consistency, or more cross references than the threshold: the distributed one;
 * 2. otherwise the local one, whether the object is latency sensitive or not.
 */
export interface DataPatternMatcher {
  readonly local: string
  readonly distributed: string
  /** With more cross references than this the object goes to the distributed store. */
  readonly distributedThreshold: number
  /** Of objects that say nothing themselves. Default: not latency sensitive. */
  readonly performanceRequirements?: PerformanceProfile
  /** Of objects that say nothing themselves. Default `local`. */
  readonly consistencyRequirements?: ConsistencyLevel
}

/** How the store of an object that has none yet is chosen. Stores are named as in the registry. */
export type ProviderSelectionStrategy =
  | { readonly kind: 'Default'; readonly store: string }
  | {
      readonly kind: 'ByActorType'
      /** By the type of the actor. */
      readonly stores: Readonly<Record<string, string>>
      /** Of other types, and of tables. */
      readonly otherwise: string
    }
  | { readonly kind: 'ByDataPattern'; readonly matcher: DataPatternMatcher }
  | {
      readonly kind: 'Custom'
      readonly select: (object: StoredObject, context: ObjectContext) => string
    }

export interface Selection {
  readonly store: string
  /** Why, in a few words. */
  readonly reason: string
}

export function selectStore(
  strategy: ProviderSelectionStrategy,
  object: StoredObject,
  context: ObjectContext,
): Selection {
  switch (strategy.kind) {
    case 'Default':
      return { store: strategy.store, reason: 'default' }
    case 'ByActorType': {
      const { stores, otherwise } = strategy
      const store =
        object.kind === 'actor' && Object.hasOwn(stores, object.type) ? stores[object.type] : undefined
      if (store === undefined) return { store: otherwise, reason: 'no store is named for its type' }
      return { store, reason: 'the store of its type' }
    }
    case 'ByDataPattern':
      return matchPattern(strategy.matcher, context)
    case 'Custom':
      return { store: strategy.select(object, context), reason: 'custom' }
  }
}

function matchPattern(matcher: DataPatternMatcher, context: ObjectContext): Selection {
  const { local, distributed, distributedThreshold } = matcher
  const { crossReferences = 0 } = context
  const consistency = context.consistency ?? matcher.consistencyRequirements ?? 'local'
  const performance = context.performance ?? matcher.performanceRequirements ?? {}
  if (consistency === 'cluster')
    return { store: distributed, reason: 'several processes have to agree on it' }
  if (crossReferences > distributedThreshold) {
    return {
      store: distributed,
      reason: `${crossReferences} cross references are more than ${distributedThreshold}`,
    }
  }
  if (performance.latencySensitive === true) return { store: local, reason: 'it is latency sensitive' }
  return { store: local, reason: `${crossReferences} cross references are at most ${distributedThreshold}` }
}

/**
 * @throws INVALID_ARGUMENT: a store that does not exist, or two rules that contradict each other
 */
export function requireFitStrategy(strategy: ProviderSelectionStrategy, stores: readonly string[]): void {
  for (const [field, name] of namesIn(strategy)) requireStore(name, stores, `strategy.${field}`)
  if (strategy.kind !== 'ByDataPattern') return
  const { distributedThreshold } = strategy.matcher
  if (distributedThreshold >= 0) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `strategy.matcher.distributedThreshold: ${distributedThreshold} is not a number of at least 0`,
    { field: 'strategy.matcher.distributedThreshold' },
  )
}

/** @throws INVALID_ARGUMENT with the nearest name */
export function requireStore(name: string, stores: readonly string[], field: string): void {
  if (stores.includes(name)) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field}: "${name}" is no store; there are ${stores.join(', ')}${didYouMean(name, stores)}`,
    { field },
  )
}

function namesIn(strategy: ProviderSelectionStrategy): (readonly [string, string])[] {
  switch (strategy.kind) {
    case 'Default':
      return [['store', strategy.store]]
    case 'ByActorType':
      return [
        ['otherwise', strategy.otherwise],
        ...Object.entries(strategy.stores).map(([type, store]) => [`stores.${type}`, store] as const),
      ]
    case 'ByDataPattern':
      return [
        ['matcher.local', strategy.matcher.local],
        ['matcher.distributed', strategy.matcher.distributed],
      ]
    case 'Custom':
      return []
  }
}
