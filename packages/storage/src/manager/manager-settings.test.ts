import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configFromCode, hasCode, type SectionInput } from '@orbit-ts/base'
import { managerConfigOf, storageManagerSettings } from './manager-settings.js'
import type { StorageManagerConfig } from './storage-manager.js'

const STORES = { names: ['main', 'local', 'cluster'], data: 'main' }

const configOf = (input: SectionInput<typeof storageManagerSettings>): StorageManagerConfig =>
  managerConfigOf(configFromCode(storageManagerSettings, input), STORES)

describe('the settings of a storage manager', () => {
  test('have everything in the store of the data by default', () => {
    assert.deepEqual(configOf({}), {
      strategy: { kind: 'Default', store: 'main' },
      assignments: 'main',
      batchEntriesMax: 256,
      batchSizeMaxBytes: 1024 * 1024,
      catchUpRoundsMax: 20,
      pauseWaitMs: 10_000,
      cachedAssignmentsMax: 10_000,
      timeoutMs: 30_000,
      recoveryIntervalMs: 5000,
    })
  })

  test('say every strategy but that of a function', () => {
    assert.deepEqual(configOf({ strategy: 'Default', provider: 'local', assignments: 'cluster' }).strategy, {
      kind: 'Default',
      store: 'local',
    })
    assert.deepEqual(
      configOf({ strategy: 'ByActorType', actorTypes: ['Cart=local', ' A=B = cluster '] }).strategy,
      {
        kind: 'ByActorType',
        stores: { Cart: 'local', 'A=B': 'cluster' },
        otherwise: 'main',
      },
    )
    const pattern = { strategy: 'ByDataPattern', local: 'local', distributed: 'cluster' } as const
    assert.deepEqual(configOf({ ...pattern, distributedThreshold: 3, consistency: 'cluster' }).strategy, {
      kind: 'ByDataPattern',
      matcher: {
        local: 'local',
        distributed: 'cluster',
        distributedThreshold: 3,
        performanceRequirements: { latencySensitive: false },
        consistencyRequirements: 'cluster',
      },
    })
  })

  test('are refused when they name no provider or do not go together', () => {
    for (const [input, reason] of [
      [
        { provider: 'lokal' },
        'storage_manager: strategy.store: "lokal" is no store; there are main, local, cluster; did you mean "local"?',
      ],
      [{ assignments: 'x' }, 'storage_manager: assignments: "x" is no store; there are main, local, cluster'],
      [
        { actorTypes: ['Cart=local'] },
        'storage_manager: actor_types needs strategy = "ByActorType", not "Default"',
      ],
      [
        { strategy: 'ByActorType', actorTypes: ['Cart'] },
        'storage_manager: actor_types: "Cart" is not of the form "Type=provider"',
      ],
      [
        { strategy: 'ByActorType', actorTypes: ['Cart=local', 'Cart=main'] },
        'storage_manager: actor_types: "Cart" was given twice',
      ],
      [
        { strategy: 'ByDataPattern', local: 'local' },
        'storage_manager: strategy = "ByDataPattern" needs distributed, the name of a provider',
      ],
      [{ local: 'local' }, 'storage_manager: local needs strategy = "ByDataPattern", not "Default"'],
    ] as const)
      assert.throws(
        () => configOf(input),
        (error) => hasCode(error, 'CONFIG_INVALID') && error.reason === reason,
        reason,
      )
  })
})
