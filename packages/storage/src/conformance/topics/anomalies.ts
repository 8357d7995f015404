/**
 * Isolation anomalies, each as a fixed interleaving of transactions and what every level must make of it.
 *
 * The names are those of the literature: Adya's G0…G2 (Generalized Isolation Level Definitions, 2000), Berenson's
 * P1…P4 (A Critique of ANSI SQL Isolation Levels, 1995), and the read-only anomaly of Fekete, O'Neil and O'Neil (2004).
 */
import assert from 'node:assert/strict'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { ITEM_ANOMALIES } from './anomaly-items.js'
import { PREDICATE_ANOMALIES } from './anomaly-predicates.js'

export function registerAnomalies(suite: ConformanceSuite): void {
  for (const isolation of suite.expected.isolationLevels) {
    suite.group(isolation, () => {
      for (const anomaly of [...ITEM_ANOMALIES, ...PREDICATE_ANOMALIES]) {
        const outcome = anomaly.outcomes[isolation]
        suite.test(`${anomaly.name}: ${outcome}`, async ({ provider }) => {
          const occurred = await anomaly.run(provider, isolation)
          assert.equal(occurred ? 'occurs' : 'prevented', outcome)
        })
      }
    })
  }
}
