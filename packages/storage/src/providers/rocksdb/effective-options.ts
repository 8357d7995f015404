import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OrbitError } from '@orbit-ts/base'
import { fileError } from '../directory/file-error.js'
import type { BindingName, RocksSettings } from './rocks-binding.js'
import { listFiles } from './rocks-files.js'

/** What RocksDB says it runs with: `name=value` of the options file that it writes at each open. */
export async function readEffectiveOptions(enginePath: string): Promise<ReadonlyMap<string, string>> {
  const newest = (await listFiles(enginePath)).filter((name) => /^OPTIONS-\d+$/.test(name)).at(-1)
  if (newest === undefined) return new Map()
  const path = join(enginePath, newest)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, 'reading', path)
  })
  const pairs = text.split('\n').map((line) => /^\s*([\w.]+)=(.*)$/.exec(line))
  return new Map(pairs.flatMap((pair) => (pair?.[1] === undefined ? [] : [[pair[1], pair[2] ?? '']])))
}

/**
 * Compares that with what was asked for, so that an option is never silently ignored, whatever version of a binding is
 * installed.
 * @throws STORAGE_UNSUPPORTED (details.field, details.binding)
 */
export async function requireEffective(settings: RocksSettings, binding: BindingName): Promise<void> {
  const effective = await readEffectiveOptions(settings.path)
  if (effective.size === 0) return
  for (const [field, name, accepts] of expectations(settings)) {
    const value = effective.get(name)
    if (value === undefined || accepts(value, effective)) continue
    throw new OrbitError(
      'STORAGE_UNSUPPORTED',
      `the binding "${binding}" did not honour ${field}: RocksDB runs with ${name}=${value}; install the version of the binding that this release was tested with, or choose another binding`,
      { field, binding },
    )
  }
}

type Accepts = (value: string, all: ReadonlyMap<string, string>) => boolean

function expectations(settings: RocksSettings): (readonly [string, string, Accepts])[] {
  const equals =
    (expected: string): Accepts =>
    (value) =>
      value === expected
  const compression = settings.compression === 'zstd' ? 'kZSTD' : 'kNoCompression'
  const bloom = settings.bloomBitsPerKey
  return [
    ['write_buffer_mb', 'write_buffer_size', equals(String(settings.writeBufferMb * 1024 * 1024))],
    ['max_background_jobs', 'max_background_jobs', equals(String(settings.maxBackgroundJobs))],
    ['compression', 'compression', equals(compression)],
    ['bloom_bits_per_key', 'filter_policy', equals(bloom === 0 ? 'nullptr' : `bloomfilter:${bloom}:false`)],
    ['block_cache_mb', 'no_block_cache', equals(String(settings.blockCacheMb === 0))],
  ]
}
