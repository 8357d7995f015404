import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, hasCode } from '@orbit-ts/base'
import { openProvider } from './open-provider.js'
import type { ProviderOptions } from './provider-options.js'
import { ProviderRegistry } from './provider-registry.js'

const memory: ProviderOptions = { kind: 'memory' }

test('roles without a name of their own use the default', async () => {
  await using registry = await ProviderRegistry.builder()
    .with('first', memory)
    .with('second', memory, { default: true })
    .role('cluster', 'first')
    .open()
  assert.deepEqual(registry.names, ['first', 'second'])
  assert.equal(registry.nameFor('data'), 'second')
  assert.equal(registry.forRole('addressable'), registry.get('second'))
  assert.equal(registry.forRole('cluster'), registry.get('first'))
  const health = await registry.health()
  assert.deepEqual(
    Object.entries(health).map(([name, { status }]) => [name, status]),
    [
      ['first', 'healthy'],
      ['second', 'healthy'],
    ],
  )
})

test('the first provider is the default when none is named', async () => {
  await using registry = await ProviderRegistry.open({ providers: { a: memory, b: memory } })
  assert.equal(registry.nameFor('data'), 'a')
})

test('unknown names are refused with the nearest one', async () => {
  await assert.rejects(
    ProviderRegistry.open({ providers: { memory }, roles: { cluster: 'memroy' } }),
    (error) =>
      hasCode(error, 'INVALID_ARGUMENT') && /cluster = "memroy".*did you mean "memory"/.test(error.message),
  )
  await assert.rejects(ProviderRegistry.open({ providers: {} }), (error) =>
    hasCode(error, 'INVALID_ARGUMENT'),
  )
  assert.throws(
    () => ProviderRegistry.builder().with('a', memory).with('a', memory),
    (error) => hasCode(error, 'INVALID_ARGUMENT'),
  )
})

test('a kind or an option that does not exist is refused with the nearest one', async () => {
  const misspelt = { kind: 'rocksbd', dataDir: 'x' } as object as ProviderOptions
  await assert.rejects(
    openProvider(misspelt),
    (error) => error instanceof OrbitError && /did you mean "rocksdb"/.test(error.message),
  )
  const unknown = { kind: 'memory', maxEntry: 5 } as object as ProviderOptions
  await assert.rejects(
    openProvider(unknown),
    (error) => error instanceof OrbitError && /max_?[eE]ntries/.test(error.message),
  )
})

test('when one provider cannot be opened the others are closed again', async () => {
  const unknown = { kind: 'memory', maxEntries: -1 } as ProviderOptions
  await assert.rejects(ProviderRegistry.open({ providers: { a: memory, b: unknown } }), (error) =>
    hasCode(error, 'CONFIG_INVALID'),
  )
})

test('limits of transactions reach the provider', async () => {
  await using store = await openProvider(memory, { transactions: { transactionSizeMaxMb: 1 } })
  assert.equal(store.capabilities.transactionSizeMaxBytes, 1024 * 1024)
  const tx = await store.begin()
  assert.throws(
    () => tx.put(Buffer.from('a'), Buffer.alloc(1024 * 1024)),
    (error) => hasCode(error, 'TRANSACTION_TOO_LARGE'),
  )
})
