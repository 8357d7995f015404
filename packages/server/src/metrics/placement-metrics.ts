import type { ActorRegionMapper, DataLocalityOptimizer } from '@orbit-ts/actors'
import type { Metrics } from '@orbit-ts/base'

export interface Placement {
  readonly mapper: ActorRegionMapper
  readonly optimizer: DataLocalityOptimizer
}

/** Reports where actors are and how they move. Returns a function that ends it. */
export function observePlacement(metrics: Metrics, { mapper, optimizer }: Placement): () => void {
  const ends = [...mapperMetrics(metrics, mapper), ...optimizerMetrics(metrics, optimizer)]
  return () => {
    for (const end of ends) end()
  }
}

function mapperMetrics(metrics: Metrics, mapper: ActorRegionMapper): (() => void)[] {
  return [
    metrics
      .gauge({ name: 'orbit_actor_region_mappings', help: 'Regions that keys of actors are known to be in.' })
      .collect(() => mapper.metrics().regions),
    metrics
      .gauge({ name: 'orbit_actors_moved', help: 'Actors that are not on the node where the ring has them.' })
      .collect(() => mapper.metrics().actorsMoved),
    metrics
      .counter({
        name: 'orbit_actor_region_lookups_total',
        help: "Look-ups of an actor's region; a miss asks PD.",
        labels: ['result'],
      })
      .collect(() => {
        const { lookUps, hits } = mapper.metrics()
        return [
          { value: hits, labels: { result: 'hit' } },
          { value: lookUps - hits, labels: { result: 'miss' } },
        ]
      }),
    metrics
      .counter({
        name: 'orbit_actor_region_changes_total',
        help: 'Changes of regions of actors that were met; stale: reports older than what is known.',
        labels: ['change'],
      })
      .collect(() => {
        const { splits, merges, regionMoves, staleReports } = mapper.metrics()
        return [
          { value: splits, labels: { change: 'split' } },
          { value: merges, labels: { change: 'merge' } },
          { value: regionMoves, labels: { change: 'move' } },
          { value: staleReports, labels: { change: 'stale' } },
        ]
      }),
  ]
}

function optimizerMetrics(metrics: Metrics, optimizer: DataLocalityOptimizer): (() => void)[] {
  return [
    metrics
      .gauge({
        name: 'orbit_data_locality_score',
        help: 'The mean score of all actors where they are after the latest round: 0 to 1; NaN before the first.',
      })
      .collect(() => {
        const { rounds, localityScore } = optimizer.metrics()
        return rounds === 0 ? Number.NaN : localityScore
      }),
    metrics
      .counter({ name: 'orbit_data_locality_rounds_total', help: 'Rounds in which actors were looked at.' })
      .collect(() => optimizer.metrics().rounds),
    metrics
      .counter({
        name: 'orbit_data_locality_decisions_total',
        help: 'What was decided of actors, once for each in each round.',
        labels: ['decision'],
      })
      .collect(() =>
        Object.entries(optimizer.metrics().decisions).map(([decision, value]) => ({
          value,
          labels: { decision },
        })),
      ),
    metrics
      .counter({
        name: 'orbit_migration_operations_total',
        help: 'Actors moved to another node, and moves that failed.',
        labels: ['result'],
      })
      .collect(() => {
        const { moves, failedMoves } = optimizer.metrics()
        return [
          { value: moves, labels: { result: 'done' } },
          { value: failedMoves, labels: { result: 'failed' } },
        ]
      }),
  ]
}
