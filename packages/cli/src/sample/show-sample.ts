import { OrbitError, systemEnv } from '@orbit-ts/base'
import type { Database } from '@orbit-ts/engine'
import { formatCount } from '../terminal/format-count.js'
import { print } from '../terminal/print.js'
import { startProgress, type Progress } from '../terminal/progress.js'
import { textTable } from '../terminal/text-table.js'
import { loadSample, type LoadedPart } from './load-sample.js'
import type { SampleFiles } from './sample-data.js'
import { tour, type TourStop } from './sample-tour.js'

/**
 * Loads what is missing of the sample, and prints what can be asked of it.
 * @param asked the database that is asked: the same one, or another one of the same store
 * @throws ABORTED
 */
export async function showSample(
  loaded: Database,
  asked: Database,
  files: SampleFiles,
  signal: AbortSignal,
): Promise<void> {
  const bars = new PartProgress()
  const parts = await loadSample(loaded, files, (part, done, total) => {
    if (signal.aborted)
      throw new OrbitError('ABORTED', 'loading the sample was interrupted; the next start goes on with it')
    bars.update(part, done, total)
  }).finally(() => bars.end())
  print(partsTable(parts))
  for (const stop of await tour(asked)) print(stopText(stop))
  print('')
}

/** One bar after the other. */
class PartProgress {
  #part: string | undefined
  #progress: Progress | undefined

  update(part: string, done: number, total: number): void {
    if (part !== this.#part) {
      this.end()
      this.#part = part
      this.#progress = startProgress(systemEnv, part, total)
    }
    this.#progress?.update(done, `${formatCount(done)} of ${formatCount(total)} records`)
  }

  end(): void {
    this.#progress?.end()
    this.#progress = undefined
  }
}

function partsTable(parts: readonly LoadedPart[]): string {
  return textTable(
    [{ title: 'from' }, { title: 'to' }, { title: 'records', align: 'right' }, { title: '' }],
    parts.map(({ part, target, records, loaded }) => [
      part,
      target,
      formatCount(records),
      loaded ? 'loaded' : 'there already',
    ]),
  )
}

function stopText({ title, code, answer }: TourStop): string {
  return ['', title, `  ${code}`, ...answer.map((line) => `    ${line}`)].join('\n')
}
