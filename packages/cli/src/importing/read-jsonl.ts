import { isUtf8 } from 'node:buffer'
import { OrbitError } from '@orbit-ts/base'
import { keepExactNumbers } from '../records/exact-numbers.js'
import type { JsonRecord } from '../records/record-target.js'
import { RECORD_SIZE_MAX_BYTES, type InputBuffer } from './input-buffer.js'
import type { InputRecord } from './input-record.js'
import { jsonFault } from './json-fault.js'

/** One JSON object on each line; empty lines are passed over. */
export async function* readJsonl(
  input: InputBuffer,
  convert: (record: JsonRecord, exact: JsonRecord | undefined) => unknown,
): AsyncGenerator<InputRecord> {
  let offset = await input.textStart()
  for (let { line } = input.window.committed; ; line++) {
    const end = await input.lineEnd(offset)
    if (end === offset) return
    if (end - offset > RECORD_SIZE_MAX_BYTES) {
      yield { line, end, problem: tooLong(), isFatal: true }
      return
    }
    const bytes = input.window.slice(offset, end)
    offset = end
    if (!isBlank(bytes)) yield { line, end, ...recordOf(bytes, convert) }
  }
}

function recordOf(
  bytes: Buffer,
  convert: (record: JsonRecord, exact: JsonRecord | undefined) => unknown,
): { record: unknown } | { problem: OrbitError; character?: number } {
  if (!isUtf8(bytes)) return { problem: new OrbitError('IMPORT_FAILED', 'the line is not valid UTF-8') }
  const text = bytes.toString('utf8').replace(/\r?\n$/, '')
  const parsed = tryParse(text)
  if (parsed === undefined) {
    const at = jsonFault(text)
    const reason =
      at >= text.length
        ? 'the JSON ends too early'
        : `the JSON is wrong at ${JSON.stringify(text.slice(at, at + 20))}`
    return { problem: new OrbitError('IMPORT_FAILED', reason), character: at + 1 }
  }
  if (!isRecord(parsed.value)) {
    return {
      problem: new OrbitError('IMPORT_FAILED', `a JSON object is expected, not ${kindOf(parsed.value)}`),
    }
  }
  try {
    const exactText = keepExactNumbers(text)
    const exact = exactText === undefined ? undefined : (JSON.parse(exactText) as JsonRecord)
    return { record: convert(parsed.value, exact) }
  } catch (error) {
    return { problem: OrbitError.from(error) }
  }
}

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d])

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => SPACES.has(byte))
}

function tooLong(): OrbitError {
  const limit = RECORD_SIZE_MAX_BYTES / (1024 * 1024)
  return new OrbitError('LIMIT_EXCEEDED', `the line is longer than ${limit} MiB`, {
    recordSizeMaxBytes: RECORD_SIZE_MAX_BYTES,
  })
}
