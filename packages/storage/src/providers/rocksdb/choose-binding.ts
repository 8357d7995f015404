import { OrbitError } from '@orbit-ts/base'
import { holepunch } from './holepunch-binding.js'
import { nxtedition } from './nxtedition-binding.js'
import type { RocksdbOptions } from './options.js'
import type { BindingKind, BindingSettings, RocksLibrary } from './rocks-binding.js'

export interface ChosenBinding {
  readonly kind: BindingKind
  readonly library: RocksLibrary
  readonly settings: BindingSettings
}

interface Failure {
  readonly kind: BindingKind
  /** The setting it cannot honour; undefined when it does not load. */
  readonly field: string | undefined
  readonly reason: string
}

/** The fast one first. */
const KINDS: readonly BindingKind[] = [nxtedition, holepunch]

/**
 * The first binding that honours every option and loads on this machine.
 * @throws STORAGE_UNSUPPORTED (details.field): an option cannot be honoured
 * @throws STORAGE_UNAVAILABLE (details.platform): no binding loads
 */
export function chooseBinding(options: RocksdbOptions, kinds: readonly BindingKind[] = KINDS): ChosenBinding {
  const compression = supportedCompression(options)
  const failures: Failure[] = []
  for (const kind of kinds) {
    if (options.binding !== 'auto' && options.binding !== kind.name) continue
    const settings: BindingSettings = {
      compression,
      blockCacheMb: options.blockCacheMb ?? kind.defaultBlockCacheMb,
      writeBufferMb: options.writeBufferMb,
      maxBackgroundJobs: options.maxBackgroundJobs,
      bloomBitsPerKey: options.bloomBitsPerKey,
    }
    const refused = kind.refuses(settings)
    if (refused !== undefined) {
      failures.push({ kind, ...refused })
      continue
    }
    try {
      return { kind, library: kind.load(), settings }
    } catch (error) {
      failures.push({ kind, field: undefined, reason: firstLine(error) })
    }
  }
  throw noBinding(failures)
}

function supportedCompression({ compression }: RocksdbOptions): 'none' | 'zstd' {
  if (compression === 'none' || compression === 'zstd') return compression
  throw new OrbitError(
    'STORAGE_UNSUPPORTED',
    `compression = "${compression}" cannot be honoured: no RocksDB binding was built with it; use "zstd" or "none"`,
    { field: 'compression', value: compression },
  )
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0] ?? text
}

function noBinding(failures: readonly Failure[]): OrbitError {
  const platform = `${process.platform}-${process.arch}`
  const reasons = failures.map(({ kind, field, reason }) =>
    field === undefined
      ? `"${kind.name}" (${kind.packageName}) does not load: ${reason}`
      : `"${kind.name}" cannot honour ${field}: ${reason}`,
  )
  const field = failures.find((failure) => failure.field !== undefined)?.field
  if (field !== undefined) {
    const text = `no RocksDB binding honours the options on ${platform}: ${reasons.join('; ')}; change or leave out ${field}`
    return new OrbitError('STORAGE_UNSUPPORTED', text, {
      field,
      platform,
      bindings: failures.map(({ kind }) => kind.name),
    })
  }
  const hint = failures.some(({ reason }) => reason.includes('libatomic'))
    ? 'install the package libatomic1 (Debian, Ubuntu) or libatomic (Fedora), or '
    : ''
  return new OrbitError(
    'STORAGE_UNAVAILABLE',
    `no RocksDB binding works on ${platform}: ${reasons.join('; ')}; ${hint}use the engine "lsm-tree", "cow-btree" or "memory"`,
    { platform, alternatives: ['lsm-tree', 'cow-btree', 'memory'] },
  )
}
