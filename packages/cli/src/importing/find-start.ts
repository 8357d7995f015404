import { OrbitError } from '@orbit-ts/base'
import { countOf } from '../terminal/format-count.js'
import { ByteWindow } from './byte-window.js'
import type { FileFormat } from './file-format.js'
import { candidatesFor, type ImportPosition } from './import-position.js'
import type { ImportSink } from './import-sink.js'
import { STANDARD_INPUT, type InputSource } from './input-source.js'

/** `resume`: go on where an earlier import of this input stopped. `restart`: begin anew although there is one. */
export type ImportFrom = 'start' | 'resume' | 'restart'

export interface ImportStart {
  readonly position: ImportPosition
  /** Over what comes behind the position. */
  readonly window: ByteWindow
}

/**
 * Where an import goes on, or undefined when it begins at the start. The source stands there afterwards.
 * @throws IMPORT_FAILED when an unfinished import of the same input would be done twice, or the input has changed
 */
export async function findStart(
  sink: ImportSink,
  source: InputSource,
  { from, format }: { readonly from: ImportFrom; readonly format: FileFormat },
): Promise<ImportStart | undefined> {
  const isStream = source.identity === STANDARD_INPUT
  if (from === 'restart' || (from === 'start' && isStream)) return undefined
  const candidates = candidatesFor(source, await sink.positions())
  const found = await source.skipPrefix(candidates)
  if (from === 'start') {
    if (found?.prefix.done === false) throw alreadyBegun(source, sink, found.prefix)
    await source.skipPrefix([])
    return undefined
  }
  if (found === undefined) {
    if (isStream && candidates.length > 0) throw otherStream(sink, candidates)
    const stopped = candidates.find(({ source: path, done }) => path === source.identity && !done)
    if (stopped !== undefined) throw changedSince(source, sink, stopped)
    return undefined
  }
  const { prefix: position, hash } = found
  if (position.format !== format) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${source.name} was imported as ${position.format} before; go on with --format ${position.format}`,
      { format: position.format },
    )
  }
  return { position, window: new ByteWindow({ offset: position.bytes, line: position.line }, hash) }
}

function alreadyBegun(
  source: InputSource,
  { target: { what } }: ImportSink,
  { records, line }: ImportPosition,
): OrbitError {
  return new OrbitError(
    'IMPORT_FAILED',
    `${source.name}: an import of this file into ${what} stopped at line ${line}, after ${countOf(records, 'record')}; go on with --resume, or begin anew with --restart`,
    { line, records },
  )
}

function changedSince(
  source: InputSource,
  { target: { what } }: ImportSink,
  { records, line }: ImportPosition,
): OrbitError {
  return new OrbitError(
    'IMPORT_FAILED',
    `${source.name} has changed before line ${line}, up to which it was imported into ${what} (${countOf(records, 'record')}); bring back what was there, or begin anew with --restart`,
    { line, records },
  )
}

function otherStream({ target: { what } }: ImportSink, [position]: readonly ImportPosition[]): OrbitError {
  return new OrbitError(
    'IMPORT_FAILED',
    `standard input does not begin with the ${countOf(position?.bytes ?? 0, 'byte')} that were imported into ${what} before; give the same input, or begin anew with --restart`,
  )
}
