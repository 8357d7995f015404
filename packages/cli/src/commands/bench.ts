import { OrbitError, parseDuration, systemEnv, type ErrorCode } from '@orbit-ts/base'
import type { Database } from '@orbit-ts/engine'
import type { Command } from 'commander'
import type { LatencySummary } from '../bench/latencies.js'
import { LOAD_MODELS, loadTarget, type LoadModel, type LoadTarget } from '../bench/load-target.js'
import { prepareLoad, runLoad, type LoadOptions, type LoadReport } from '../bench/run-load.js'
import { WORKLOADS, type WorkloadName } from '../bench/workload.js'
import { loadSettings, type GlobalOptions } from '../settings/load-settings.js'
import { dataProvider, withDatabase } from '../settings/open-store.js'
import { formatCount } from '../terminal/format-count.js'
import { interruptible } from '../terminal/interruption.js'
import { print } from '../terminal/print.js'
import { startProgress } from '../terminal/progress.js'
import { usageError } from '../terminal/report-error.js'
import { textTable } from '../terminal/text-table.js'
import { parseChoice, parseCount } from './command-options.js'

interface BenchFlags extends GlobalOptions {
  readonly workload: string
  readonly model: string
  readonly clients?: string
  readonly records?: string
  readonly valueBytes?: string
  readonly duration?: string
  readonly operations?: string
  readonly rate?: string
  readonly object: string
  readonly keep?: true
  readonly json?: true
}

interface BenchRequest extends Omit<LoadOptions, 'env' | 'signal' | 'onPrepared'> {
  readonly model: LoadModel
  readonly object: string
  readonly valueBytes: number
  readonly keep: boolean
  readonly json: boolean
}

const COUNT_MAX = 1_000_000_000

export function addBench(program: Command): void {
  program
    .command('bench')
    .summary('measure the store under a load of writes and reads')
    .description(
      'Makes an object of its own in the configured store, fills it, writes and reads random records of it and reports throughput and latencies. The object is dropped afterwards. Each write is a transaction; conflicts are tried again within their time.',
    )
    .option('--workload <name>', 'write-heavy (80/20), read-heavy (20/80) or mixed (50/50)', 'mixed')
    .option('--model <model>', `what is written: ${LOAD_MODELS.join(', ')}`, 'table')
    .option('--clients <n>', 'operations under way at once (default: 16)')
    .option('--records <n>', 'records that are there before, and chosen from (default: 10000)')
    .option('--value-bytes <n>', 'the payload of a record; vectors and points have theirs (default: 100)')
    .option('--duration <time>', 'how long it is measured, such as 30s (default: 10s)')
    .option('--operations <n>', 'end after so many operations, if that is earlier')
    .option('--rate <n>', 'operations per second (default: as many as the clients manage)')
    .option('--object <name>', 'the name of the object', 'orbit_bench')
    .option('--keep', 'leave the object there')
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      `
Without --rate each client begins its next operation when the one before is done. With it operations have their turns,
and the time that one waits for its turn counts.

Examples:
  orbit bench --workload write-heavy --data-dir ./bench-data
  orbit bench --pd-endpoints 127.0.0.1:2379 --clients 64 --duration 30s
  orbit bench --rate 500 --model collection --json`,
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<BenchFlags>()
      const settings = loadSettings(flags)
      const request = parse(flags)
      await interruptible('ending the measurement; what was made is removed', (signal) =>
        withDatabase(settings, 'any', async (database) => {
          const report = await measure(database, request, signal)
          const { options, place } = dataProvider(settings)
          print(
            request.json
              ? JSON.stringify({ ...request, store: options.kind, ...report })
              : reportText(request, `${options.kind}, ${place}`, report),
          )
          refuseFailures(report)
        }),
      )
    })
}

/** @throws INVALID_ARGUMENT */
function parse(flags: BenchFlags): BenchRequest {
  const duration = flags.duration ?? '10s'
  const durationMs = parseDuration(duration)
  if (durationMs === undefined || durationMs <= 0)
    throw usageError('--duration', `${JSON.stringify(duration)} is no time such as 30s or 5m`)
  return {
    workload: parseChoice<WorkloadName>('--workload', flags.workload, WORKLOADS),
    model: parseChoice<LoadModel>('--model', flags.model, LOAD_MODELS),
    clients: parseCount('--clients', flags.clients, 16, 1, 10_000),
    records: parseCount('--records', flags.records, 10_000, 1, COUNT_MAX),
    valueBytes: parseCount('--value-bytes', flags.valueBytes, 100, 1, 1_000_000),
    operations: parseCount('--operations', flags.operations, COUNT_MAX, 1, COUNT_MAX),
    durationMs,
    rate: flags.rate === undefined ? undefined : parseCount('--rate', flags.rate, 0, 1, 1_000_000),
    object: flags.object,
    keep: flags.keep === true,
    json: flags.json === true,
  }
}

/** Makes the object, and removes it again whatever happens. @throws INVALID_ARGUMENT when there is one already */
async function measure(database: Database, request: BenchRequest, signal: AbortSignal): Promise<LoadReport> {
  const env = systemEnv
  const target = loadTarget(request.model, { name: request.object, valueBytes: request.valueBytes, env })
  await refuseExisting(database, target)
  await database.create(target.schema)
  try {
    const progress = request.json ? undefined : startProgress(env, 'preparing', request.records)
    const onPrepared = (done: number): void => progress?.update(done, `${formatCount(done)} records`)
    const options = { ...request, env, signal, onPrepared }
    await prepareLoad(database, target, options).finally(() => progress?.end())
    return await runLoad(database, target, options)
  } finally {
    if (!request.keep) {
      await database.drop(target.schema.kind, target.schema.name)
      await database.resume()
    }
  }
}

async function refuseExisting(database: Database, { schema }: LoadTarget): Promise<void> {
  const existing = await database.objects(schema.kind)
  if (!existing.some(({ name }) => name === schema.name)) return
  throw usageError(
    '--object',
    `there is a ${schema.kind} "${schema.name}" already, perhaps of a run that was cut off; drop it, or choose another name`,
  )
}

function reportText(request: BenchRequest, store: string, report: LoadReport): string {
  const { workload, model, clients, rate } = request
  const pace = rate === undefined ? 'as fast as they can' : `${formatCount(rate)} a second asked for`
  const rows = (['all', 'writes', 'reads'] as const).flatMap((name) => {
    const found = report[name]
    return found === undefined ? [] : [[name, formatCount(found.count), ...milliseconds(found)]]
  })
  const titles = ['ms', 'count', 'average', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max']
  const table = textTable(
    titles.map((title, at) => ({ title, align: at === 0 ? ('left' as const) : ('right' as const) })),
    rows,
  )
  const failures = Object.entries(report.failed).map(
    ([code, count]) => `failed: ${code} ${formatCount(count)}`,
  )
  return [
    `${workload} on ${model} in ${store}; ${clients} clients, ${pace}`,
    `${formatCount(report.operations)} operations in ${report.seconds.toFixed(1)} s: ${formatCount(Math.round(report.perSecond))} a second`,
    table,
    ...failures,
  ].join('\n')
}

function milliseconds(found: LatencySummary): string[] {
  const { averageMs, p50Ms, p90Ms, p95Ms, p99Ms, p999Ms, maxMs } = found
  return [averageMs, p50Ms, p90Ms, p95Ms, p99Ms, p999Ms, maxMs].map((ms) => ms.toFixed(ms < 10 ? 3 : 1))
}

/** The report is printed; that not all of it worked is the outcome of the command. */
function refuseFailures({ failed }: LoadReport): void {
  const codes = (Object.entries(failed) as [ErrorCode, number][]).sort(([, a], [, b]) => b - a)
  const [most] = codes
  if (most === undefined) return
  const text = codes.map(([code, count]) => `${formatCount(count)} ${code}`).join(', ')
  throw new OrbitError(most[0], `operations of the load failed: ${text}`, { failed })
}
