import { defined } from '@orbit-ts/base'
import { splitIntoBatches, type BatchWork } from '../../region/by-region.js'

/**
 * Runs the work of the batch that holds the first item, alone, until it is done. Gives the items of all other batches.
 * What is to be true of the primary before anything else is true of the transaction goes through here.
 */
export async function primaryBatch<Item>(work: BatchWork<Item>): Promise<readonly Item[]> {
  const { backoffer, regions } = work
  let batches = await splitIntoBatches(work, backoffer, work.items)
  for (let attempt = 1; ; attempt++) {
    const first = defined(batches[0], 'the batch of the primary')
    const again = await work.work(first, backoffer)
    const rest = batches.slice(1)
    if (again === undefined) return rest.length === 0 ? [] : rest.flatMap(({ items }) => items)
    if (again.regionError !== undefined) await regions.backoffForRegionError(backoffer, again.regionError)
    batches = [...(await splitIntoBatches(work, backoffer, again.items, attempt)), ...rest]
  }
}
