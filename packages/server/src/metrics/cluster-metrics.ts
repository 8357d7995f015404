import type { Metrics, Sample } from '@orbit-ts/base'
import type { ClusterWatch, ClusterFacts, ServerFacts } from '../cluster-watch.js'

type StoreLabels = 'provider' | 'store' | 'address'

/** One figure of every TiKV server; its name goes behind `orbit_cluster_store_`. Left out: PD does not know it. */
interface StoreFigure {
  readonly name: string
  readonly help: string
  readonly read: (store: ServerFacts, facts: ClusterFacts) => number | undefined
}

const STORE_FIGURES: readonly StoreFigure[] = [
  {
    name: 'capacity_bytes',
    help: 'The size of its disk.',
    read: ({ figures }) => figures?.capacityBytes,
  },
  { name: 'available_bytes', help: 'What is free of it.', read: ({ figures }) => figures?.availableBytes },
  { name: 'used_bytes', help: 'What its data takes.', read: ({ figures }) => figures?.usedBytes },
  { name: 'regions', help: 'Peers of regions on it.', read: ({ figures }) => figures?.regionCount },
  {
    name: 'leaders',
    help: 'Leaders on it of regions that hold keys of the provider.',
    read: ({ id }, { regions }) => regions && (regions.leaders.get(Number(id)) ?? 0),
  },
  {
    name: 'busy',
    help: '1 while it says that it is busy, otherwise 0.',
    read: ({ figures }) => figures && Number(figures.isBusy),
  },
  {
    name: 'last_heartbeat_seconds',
    help: 'When PD last heard of it, by the clock of PD; seconds since 1970.',
    read: ({ lastHeartbeatMs }) => (lastHeartbeatMs === 0 ? undefined : lastHeartbeatMs / 1000),
  },
]

/** Reports what the latest rounds have found. Returns a function that ends it. */
export function observeClusters(metrics: Metrics, watch: ClusterWatch): () => void {
  const ends = STORE_FIGURES.map(({ name, help, read }) =>
    metrics
      .gauge({
        name: `orbit_cluster_store_${name}`,
        help: `Of a TiKV server, as PD knows it. ${help}`,
        labels: ['provider', 'store', 'address'],
      })
      .collect(() => storeSamples(watch, read)),
  )
  ends.push(
    metrics
      .gauge({
        name: 'orbit_cluster_region_count',
        help: 'Regions that hold keys of the provider, as PD knows them.',
        labels: ['provider'],
      })
      .collect(() => samples(watch, ({ regions }) => regions?.count)),
    metrics
      .gauge({
        name: 'orbit_cluster_regions_troubled',
        help: 'Those of them that have no leader, a peer whose server does not answer, or a peer that is behind.',
        labels: ['provider', 'trouble'],
      })
      .collect(() => troubles(watch)),
    metrics
      .gauge({
        name: 'orbit_cluster_safe_point_seconds',
        help: 'Versions older than this may have been given up; seconds since 1970. 0: none were.',
        labels: ['provider', 'kind'],
      })
      .collect(() => safePoints(watch)),
  )
  return () => {
    for (const end of ends) end()
  }
}

function storeSamples({ facts }: ClusterWatch, read: StoreFigure['read']): Sample<StoreLabels>[] {
  return [...facts].flatMap(([provider, cluster]) =>
    cluster.stores.flatMap((store): Sample<StoreLabels>[] => {
      const value = read(store, cluster)
      const labels = { provider, store: String(store.id), address: store.address }
      return value === undefined ? [] : [{ value, labels }]
    }),
  )
}

function samples(
  { facts }: ClusterWatch,
  read: (facts: ClusterFacts) => number | undefined,
): Sample<'provider'>[] {
  return [...facts].flatMap(([provider, cluster]) => {
    const value = read(cluster)
    return value === undefined ? [] : [{ value, labels: { provider } }]
  })
}

function troubles({ facts }: ClusterWatch): Sample<'provider' | 'trouble'>[] {
  return [...facts].flatMap(([provider, { regions }]) =>
    regions === undefined
      ? []
      : [
          { value: regions.withoutLeader, labels: { provider, trouble: 'no_leader' } },
          { value: regions.withDownPeers, labels: { provider, trouble: 'down_peer' } },
          { value: regions.withPendingPeers, labels: { provider, trouble: 'pending_peer' } },
        ],
  )
}

function safePoints({ facts }: ClusterWatch): Sample<'provider' | 'kind'>[] {
  return [...facts].flatMap(
    ([
      provider,
      {
        safePoints: { transactionMs, gcMs },
      },
    ]) => [
      { value: transactionMs / 1000, labels: { provider, kind: 'transaction' } },
      { value: gcMs / 1000, labels: { provider, kind: 'gc' } },
    ],
  )
}
