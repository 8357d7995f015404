/**
 * The directory of one durable local engine: `orbit.lock` (who has it open), `ORBIT` (what it is), and a folder with
 * the engine's own files.
 *
 * Invariants:
 * 1. Nothing but the lock file is touched before both locks are held, and nothing at all in a directory that holds
 *    something else. The second lock is on the marker: people remove `orbit.lock` to get rid of its error, and would
 *    have two processes write one store.
 * 2. `cleanFacts` are there only when the last user closed the store in order; `markDirty` removes them before the
 *    engine may change a file.
 * 3. The marker is replaced as a whole: a crash leaves the old or the new one.
 */
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { OrbitError, type Env } from '@orbit-ts/base'
import { makeDirectory } from './durable-file.js'
import { fileError, fileErrorCode } from './file-error.js'
import { LockFile } from './lock-file.js'
import {
  DIRECTORY_FORMATS,
  readMarker,
  writeMarker,
  type CleanFacts,
  type DirectoryEngine,
  type Marker,
} from './marker.js'
import { requireRegularFiles } from './require-regular-files.js'

export type { DirectoryEngine } from './marker.js'

export interface DataDirectory {
  /** Absolute. */
  readonly path: string
  /** Where the engine's own files go: a folder below `path`, named after the engine. It exists. */
  readonly enginePath: string
  /** True when this call made the store: there was no marker before. */
  readonly created: boolean
  /** What `markClean` recorded last; undefined for a new store, and after a crash. */
  readonly cleanFacts: CleanFacts | undefined
  /** Records that everything is durable and closed. `facts` are what the engine wants to compare at the next open. */
  markClean(facts: CleanFacts): Promise<void>
  /** Forgets the clean shutdown. Call it after the facts were verified and before the engine opens its files. */
  markDirty(): Promise<void>
  /** Lets others open the directory. Harmless when called again. */
  close(): Promise<void>
}

const MARKER = 'ORBIT'
const LOCK = 'orbit.lock'

/** Files that we or one of the engines open by name. */
const FILES = /^(ORBIT|orbit\.lock|SYNCED)$/
const ENGINE_FILES =
  /^(CURRENT|LOCK|LOG(\.old.*)?|IDENTITY|MANIFEST-\d+|OPTIONS-\d+|\d+\.(log|sst|ldb|blob)|data\.mdb(-lock)?|durable)$/

/** Entries that make nobody's directory: left by file systems and file managers. */
const IGNORED = new Set(['lost+found', '.DS_Store', 'Thumbs.db', 'desktop.ini'])

/**
 * Opens, or creates, a data directory for one engine, for this handle only.
 * @throws STORAGE_LOCKED (details.pid) when it is open already, here or elsewhere.
 * @throws INVALID_ARGUMENT when it holds something else, or a store of another engine (details.engine).
 * @throws STORAGE_CORRUPT when the marker is damaged, or missing although data is there.
 * @throws RECORD_VERSION_UNSUPPORTED when a newer release wrote it, or an older one in a format that is gone.
 * @throws STORAGE_IO, STORAGE_FULL, STORAGE_UNAVAILABLE
 */
export async function openDataDirectory(
  path: string,
  options: { readonly engine: DirectoryEngine; readonly env: Env },
): Promise<DataDirectory> {
  if (path === '')
    throw new OrbitError('INVALID_ARGUMENT', 'data_dir is empty; name a directory', { field: 'data_dir' })
  const root = resolve(path)
  await refuseForeign(root)
  await makeDirectory(root)
  await requireRegularFiles(root, FILES)
  const lock = await LockFile.acquire(join(root, LOCK), root)
  try {
    return await openLocked(root, lock, options)
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openLocked(
  root: string,
  lock: LockFile,
  { engine, env }: { readonly engine: DirectoryEngine; readonly env: Env },
): Promise<DataDirectory> {
  const enginePath = join(root, engine)
  const markerPath = join(root, MARKER)
  let guard = await LockFile.guard(markerPath, root)
  try {
    const found = await readMarker(markerPath)
    if (found === undefined) await refuseHeadless(root, enginePath)
    else refuseOtherEngine(root, found, engine)
    const marker = found ?? newMarker(engine, env)
    if (found === undefined) {
      await writeMarker(markerPath, marker)
      guard = await LockFile.guard(markerPath, root)
    }
    await makeDirectory(enginePath)
    await requireRegularFiles(enginePath, ENGINE_FILES)
    return new OpenDirectory({ path: root, enginePath, lock, guard, marker, created: found === undefined })
  } catch (error) {
    await guard?.release()
    throw error
  }
}

interface OpenDirectoryParts {
  readonly path: string
  readonly enginePath: string
  readonly lock: LockFile
  readonly guard: LockFile | undefined
  readonly marker: Marker
  readonly created: boolean
}

class OpenDirectory implements DataDirectory {
  readonly path: string
  readonly enginePath: string
  readonly created: boolean
  readonly #lock: LockFile
  /** On the marker as it is now: it is another file each time it is replaced. */
  #guard: LockFile | undefined
  #marker: Marker
  #closed = false

  constructor({ path, enginePath, lock, guard, marker, created }: OpenDirectoryParts) {
    this.path = path
    this.enginePath = enginePath
    this.created = created
    this.#lock = lock
    this.#guard = guard
    this.#marker = marker
  }

  get cleanFacts(): CleanFacts | undefined {
    return this.#marker.clean ?? undefined
  }

  async markClean(facts: CleanFacts): Promise<void> {
    await this.#replace(facts)
  }

  async markDirty(): Promise<void> {
    if (this.#marker.clean !== null) await this.#replace(null)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#guard?.release()
    await this.#lock.release()
  }

  async #replace(clean: CleanFacts | null): Promise<void> {
    const marker = { ...this.#marker, clean }
    const path = join(this.path, MARKER)
    await writeMarker(path, marker)
    this.#marker = marker
    await this.#guard?.release()
    this.#guard = undefined
    this.#guard = await LockFile.guard(path, this.path)
  }
}

const newMarker = (engine: DirectoryEngine, env: Env): Marker => ({
  format: DIRECTORY_FORMATS[engine],
  engine,
  createdAt: new Date(env.clock.nowMs()).toISOString(),
  clean: null,
})

async function list(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => !IGNORED.has(name))
  } catch (error) {
    const code = fileErrorCode(error)
    if (code === 'ENOENT') return []
    if (code === 'ENOTDIR') {
      throw new OrbitError('INVALID_ARGUMENT', `data_dir ${path} is a file, not a directory`, {
        field: 'data_dir',
        path,
      })
    }
    throw fileError(error, 'reading the directory', path)
  }
}

/** Without marker and lock a directory is not ours, unless it is empty. */
async function refuseForeign(root: string): Promise<void> {
  const names = await list(root)
  const first = names[0]
  if (first === undefined || names.includes(MARKER) || names.includes(LOCK)) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `data_dir ${root} is not empty and is no Orbit data directory (it holds "${first}"); name an empty or a new directory`,
    { field: 'data_dir', path: root },
  )
}

/** The lock is ours but there is no marker: either the first open was cut short, or somebody removed it. */
async function refuseHeadless(root: string, enginePath: string): Promise<void> {
  const allowed = new Set([LOCK, `${MARKER}.tmp`])
  const names = (await list(root)).filter((name) => !allowed.has(name) && join(root, name) !== enginePath)
  const first = names[0] ?? (await list(enginePath))[0]
  if (first === undefined) return
  throw new OrbitError(
    'STORAGE_CORRUPT',
    `the marker file ${join(root, MARKER)} is missing although the directory holds "${first}"; restore the whole data directory from a backup`,
    { file: join(root, MARKER) },
  )
}

function refuseOtherEngine(root: string, marker: Marker, engine: DirectoryEngine): void {
  if (marker.engine === engine) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `data_dir ${root} holds a store of the engine "${marker.engine}", not "${engine}"; open it with that engine or name another directory`,
    { field: 'data_dir', path: root, engine: marker.engine },
  )
}
