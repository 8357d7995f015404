import { actorKeys, type RegionPlace, type StorageCluster } from '@orbit-ts/storage'
import { compareBytes, concatBytes, defined } from '@orbit-ts/base'
import type { ActorRegionMapper } from './actor-region-mapper.js'
import type { PlacedRegion, RegionChange } from './region-map.js'

/** Where the keys of actors are: their directory, their epochs and their states, which lie side by side. */
const FIRST = defined(actorKeys.directoryEntries().start, 'the first key of actors').subarray(0, 1)
const LAST = concatBytes(FIRST, Uint8Array.of(0xff))

/** For `ActorRegionMapperOptions.locate`: asks the cluster that a store is on. */
export function locateIn(
  cluster: Pick<StorageCluster, 'regionOf'>,
): (key: Uint8Array) => Promise<PlacedRegion | undefined> {
  return async (key) => placedRegion(await cluster.regionOf(key))
}

/** Tells the mapper of regions that hold keys of actors, as PD knows them, and says what it made of each. */
export function reportRegions(mapper: ActorRegionMapper, places: Iterable<RegionPlace>): RegionChange[] {
  const changes: RegionChange[] = []
  for (const place of places) {
    const region = holdsActors(place) ? placedRegion(place) : undefined
    if (region !== undefined) changes.push(mapper.report(region))
  }
  return changes
}

function holdsActors({ startKey, endKey }: RegionPlace): boolean {
  return compareBytes(startKey, LAST) < 0 && (endKey.byteLength === 0 || compareBytes(endKey, FIRST) > 0)
}

/** One without a leader is near to nobody; it is reported again when it has one. */
function placedRegion(place: RegionPlace | undefined): PlacedRegion | undefined {
  if (place?.storeId === undefined) return undefined
  const { id, version, confVersion, startKey, endKey, storeId } = place
  return { id, version, confVersion, startKey, endKey, storeId }
}
