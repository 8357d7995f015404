import type { Metrics } from '@orbit-ts/base'
import type { StorageManager } from '@orbit-ts/storage'

/** Reports assignments, migrations and transactions across providers. Returns a function that ends it. */
export function observeManager(metrics: Metrics, manager: StorageManager): () => void {
  const ends = [
    metrics
      .counter({ name: 'orbit_storage_assignments_total', help: 'Actors that were given a provider.' })
      .collect(() => manager.metrics().assignmentsMade),
    metrics
      .gauge({ name: 'orbit_storage_migrations_active', help: 'Migrations that are running.' })
      .collect(() => manager.metrics().migrationsActive),
    metrics
      .counter({
        name: 'orbit_storage_migrations_total',
        help: 'Migrations of actors to another provider, completed or broken off.',
        labels: ['result'],
      })
      .collect(() => {
        const { migrationsCompleted, migrationsFailed } = manager.metrics()
        return [
          { value: migrationsCompleted, labels: { result: 'done' } },
          { value: migrationsFailed, labels: { result: 'failed' } },
        ]
      }),
    metrics
      .counter({
        name: 'orbit_storage_migration_bytes_total',
        help: 'Keys and values that migrations copied.',
      })
      .collect(() => manager.metrics().bytesCopied),
    metrics
      .gauge({
        name: 'orbit_distributed_transactions_active',
        help: 'Transactions across providers that are open.',
      })
      .collect(() => manager.coordinator.metrics().transactionsActive),
    metrics
      .counter({
        name: 'orbit_distributed_transactions_total',
        help: 'Transactions across providers that ended; left: committed, and for recovery to finish.',
        labels: ['outcome'],
      })
      .collect(() => {
        const { transactionsCommitted, transactionsAborted, transactionsLeft } = manager.coordinator.metrics()
        return [
          { value: transactionsCommitted, labels: { outcome: 'committed' } },
          { value: transactionsAborted, labels: { outcome: 'aborted' } },
          { value: transactionsLeft, labels: { outcome: 'left' } },
        ]
      }),
  ]
  return () => {
    for (const end of ends) end()
  }
}
