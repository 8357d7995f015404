import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import {
  requireFitStrategy,
  selectStore,
  type DataPatternMatcher,
  type ObjectContext,
  type ProviderSelectionStrategy,
} from './selection-strategy.js'
import type { StoredObject } from './stored-object.js'

const CART: StoredObject = { kind: 'actor', type: 'Cart', key: '7' }
const TABLE: StoredObject = { kind: 'table', id: 12 }

const chosen = (
  strategy: ProviderSelectionStrategy,
  object: StoredObject = CART,
  context: ObjectContext = {},
): string => selectStore(strategy, object, context).store

test('Default names one store for everything', () => {
  assert.equal(chosen({ kind: 'Default', store: 'local' }), 'local')
})

test('ByActorType goes by the type, and has a store for the rest', () => {
  const strategy = { kind: 'ByActorType', stores: { Cart: 'cluster' }, otherwise: 'local' } as const
  assert.equal(chosen(strategy), 'cluster')
  assert.equal(chosen(strategy, { kind: 'actor', type: 'User', key: '7' }), 'local')
  assert.equal(chosen(strategy, { kind: 'actor', type: 'toString', key: '7' }), 'local')
  assert.equal(chosen(strategy, TABLE), 'local')
})

test('Custom is told the object and its context', () => {
  const strategy: ProviderSelectionStrategy = {
    kind: 'Custom',
    select: (object, { crossReferences = 0 }) => `${object.kind}-${crossReferences}`,
  }
  assert.equal(chosen(strategy, TABLE, { crossReferences: 3 }), 'table-3')
})

test('ByDataPattern weighs references, performance and consistency', () => {
  const matcher: DataPatternMatcher = { local: 'local', distributed: 'cluster', distributedThreshold: 5 }
  const by = (context: ObjectContext, more: Partial<DataPatternMatcher> = {}): string =>
    chosen({ kind: 'ByDataPattern', matcher: { ...matcher, ...more } }, CART, context)
  assert.equal(by({}), 'local')
  assert.equal(by({ crossReferences: 5 }), 'local')
  assert.equal(by({ crossReferences: 6 }), 'cluster')
  assert.equal(by({ crossReferences: 6, performance: { latencySensitive: true } }), 'cluster')
  assert.equal(by({ performance: { latencySensitive: true } }), 'local')
  assert.equal(by({ consistency: 'cluster' }), 'cluster')
  assert.equal(by({}, { consistencyRequirements: 'cluster' }), 'cluster')
  assert.equal(by({ consistency: 'local' }, { consistencyRequirements: 'cluster' }), 'local')
})

test('it says why', () => {
  const matcher: DataPatternMatcher = {
    local: 'local',
    distributed: 'cluster',
    distributedThreshold: 5,
    performanceRequirements: { latencySensitive: true },
  }
  const strategy = { kind: 'ByDataPattern', matcher } as const
  assert.equal(selectStore(strategy, CART, {}).reason, 'it is latency sensitive')
  assert.equal(
    selectStore(strategy, CART, { crossReferences: 9 }).reason,
    '9 cross references are more than 5',
  )
})

test('stores that do not exist are refused with the nearest one', () => {
  const stores = ['local', 'cluster']
  const refused = (strategy: ProviderSelectionStrategy, message: RegExp): void =>
    assert.throws(
      () => requireFitStrategy(strategy, stores),
      (error) => hasCode(error, 'INVALID_ARGUMENT') && message.test(error.message),
    )
  refused({ kind: 'Default', store: 'locla' }, /strategy\.store: "locla".*did you mean "local"/)
  refused({ kind: 'ByActorType', stores: { Cart: 'x' }, otherwise: 'local' }, /strategy\.stores\.Cart/)
  const matcher = { local: 'local', distributed: 'clutser', distributedThreshold: 5 }
  refused({ kind: 'ByDataPattern', matcher }, /strategy\.matcher\.distributed/)
  refused(
    { kind: 'ByDataPattern', matcher: { ...matcher, distributed: 'cluster', distributedThreshold: NaN } },
    /distributedThreshold/,
  )
})
