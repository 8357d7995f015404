import { configFromCode, OrbitError } from '@orbit-ts/base'
import { tikvConfig, type TiKVConfig, type TiKVConfigInput } from './tikv-config.js'

/** What is read anew at each use, and so may change while a client runs. */
const CHANGEABLE = [
  'pdServerTimeout',
  'pdMemberCheckInterval',
  'pdForwarding',
  'pdFollowerReads',
  'tsoMaxWait',
  'tsoConcurrency',
  'tsoPendingMax',
  'batchSizeMax',
  'batchWait',
  'batchOverloadThreshold',
  'storeConcurrencyMax',
  'storeLivenessTimeout',
  'forwarding',
  'requestTimeout',
  'writeTimeout',
  'commitTimeout',
  'retryBudget',
  'committerConcurrency',
  'asyncCommit',
  'onePc',
  'asyncCommitKeysMax',
  'asyncCommitBytesMax',
  'transactionBytesMax',
  'entryBytesMax',
  'maxTransactionTtl',
  'resolveLockLiteThreshold',
] as const satisfies readonly (keyof TiKVConfig)[]

/** What `TiKVClient.reconfigure` takes. */
export type TiKVConfigChanges = Pick<TiKVConfigInput, (typeof CHANGEABLE)[number]>

/**
 * The configuration with the changes; what is undefined stays.
 * @throws `CONFIG_INVALID`, `CONFIG_UNKNOWN_KEY`
 */
export function changedConfig(current: TiKVConfig, changes: TiKVConfigChanges): TiKVConfig {
  const parsed = configFromCode(tikvConfig, { ...changes, pdEndpoints: current.pdEndpoints })
  const changed: TiKVConfig = { ...current }
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue
    const known = CHANGEABLE.find((changeable) => changeable === name)
    if (known === undefined) throw fixed(name)
    Object.assign(changed, { [known]: parsed[known] })
  }
  return changed
}

const fixed = (name: string): OrbitError =>
  new OrbitError(
    'CONFIG_INVALID',
    `${name}: is fixed once a client is connected; open another client, or change one of ${CHANGEABLE.join(', ')}`,
    { field: name },
  )
