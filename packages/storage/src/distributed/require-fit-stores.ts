import { didYouMean, OrbitError } from '@orbit-ts/base'
import type { StorageProvider } from '../provider.js'

/**
 * The store of the log, when all stores can take part in transactions across stores.
 * @throws INVALID_ARGUMENT, STORAGE_UNSUPPORTED
 */
export function requireFitStores(options: {
  readonly stores: Readonly<Record<string, StorageProvider>>
  readonly log: string
}): StorageProvider {
  const names = Object.keys(options.stores)
  const log = Object.hasOwn(options.stores, options.log) ? options.stores[options.log] : undefined
  if (log === undefined) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `log: "${options.log}" is no store; there are ${names.join(', ') || 'none'}${didYouMean(options.log, names)}`,
      { field: 'log' },
    )
  }
  for (const [name, store] of Object.entries(options.stores)) {
    requireFit(name, store)
    requireAsDurable(options.log, log, name, store)
  }
  return log
}

function requireFit(name: string, { capabilities }: StorageProvider): void {
  const missing = [
    ...(capabilities.isolationLevels.includes('snapshot') ? [] : ['snapshot isolation']),
    ...(capabilities.modes.includes('pessimistic') ? [] : ['locks']),
  ]
  if (missing.length === 0) return
  throw new OrbitError(
    'STORAGE_UNSUPPORTED',
    `store "${name}" has no ${missing.join(' and no ')}, which transactions across stores need`,
    { store: name },
  )
}

/** A log that forgets what a store remembers would leave its prepared transactions without an outcome for ever. */
function requireAsDurable(logName: string, log: StorageProvider, name: string, store: StorageProvider): void {
  const [ofLog] = log.capabilities.durability
  const [ofStore] = store.capabilities.durability
  if (ofStore === undefined || ofLog === 'sync' || ofLog === ofStore) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `log: "${logName}" is less durable than store "${name}"; keep the log in the most durable store`,
    { field: 'log', store: name },
  )
}
