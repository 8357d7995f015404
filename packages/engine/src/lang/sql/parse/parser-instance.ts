/**
 * PostgreSQL's own parser as a WebAssembly module: text in, tree or error out.
 *
 * Invariants:
 * 1. An instance that trapped (its stack or memory ran out) or whose memory has grown past {@link MEMORY_BYTES_MAX} is
 *    not used again once its replacement is there: a trap leaves its stack pointer and its memory behind, and
 *    WebAssembly memory never shrinks.
 * 2. All memory that a call takes is given back before it returns, but after a trap.
 */
import { assert, defined } from '@orbit-ts/base'
import type { PgQueryInstance } from 'libpg-query/wasm/libpg-query.js'

/** What the parser has to say of a text. */
export type RawParse =
  | { readonly kind: 'tree'; readonly json: string }
  /** `offset`: code points before the place, where it has one. */
  | { readonly kind: 'error'; readonly message: string; readonly offset: number | undefined }
  /** It gave up for want of stack or memory. */
  | { readonly kind: 'exhausted' }

/** An instance that holds more than this is replaced. */
const MEMORY_BYTES_MAX = 256 * 1024 * 1024

let current: PgQueryInstance | undefined
let loading: Promise<void> | undefined

/** Loads the parser when that has not been done; needed once before {@link parseRaw}. */
export function loadParser(): Promise<void> {
  loading ??= loadInstance()
  return loading
}

export function isParserLoaded(): boolean {
  return current !== undefined
}

/** Parses a text without U+0000. */
export function parseRaw(text: string): RawParse {
  const instance = defined(current, 'the parser is loaded')
  try {
    const result = withText(instance, text, (pointer) => parseAt(instance, pointer))
    if (instance.HEAPU8.byteLength > MEMORY_BYTES_MAX) replaceInstance()
    return result
  } catch (error) {
    // RangeError: the stack of JavaScript ran out, which both share; RuntimeError: a trap or abort() in WebAssembly.
    assert(error instanceof Error && /^(Range|Runtime)Error$/.test(error.name), String(error))
    replaceInstance()
    return { kind: 'exhausted' }
  }
}

async function loadInstance(): Promise<void> {
  const { default: createInstance } = await import('libpg-query/wasm/libpg-query.js')
  current = await createInstance()
}

/** The old instance serves until the new one is there. */
function replaceInstance(): void {
  loading = loadInstance()
}

function withText<T>(instance: PgQueryInstance, text: string, use: (pointer: number) => T): T {
  const size = instance.lengthBytesUTF8(text) + 1
  const pointer = instance._malloc(size)
  if (pointer === 0) throw new RangeError('no memory for the text')
  instance.stringToUTF8(text, pointer, size)
  const result = use(pointer)
  instance._free(pointer)
  return result
}

/** `struct { char *tree; char *stderr; struct { char *message, *function, *file; int line, cursor; … } *error; }` */
function parseAt(instance: PgQueryInstance, text: number): RawParse {
  const result = instance._wasm_parse_query_raw(text)
  if (result === 0) throw new RangeError('no memory for the result')
  const error = instance.getValue(result + 8, 'i32')
  const parse: RawParse =
    error === 0
      ? { kind: 'tree', json: instance.UTF8ToString(instance.getValue(result, 'i32')) }
      : {
          kind: 'error',
          message: instance.UTF8ToString(instance.getValue(error, 'i32')),
          offset: offsetOf(instance.getValue(error + 16, 'i32')),
        }
  instance._wasm_free_parse_result(result)
  return parse
}

/** Cursors count from 1; 0 is none. */
function offsetOf(cursor: number): number | undefined {
  return cursor > 0 ? cursor - 1 : undefined
}
