import type { ResultColumn } from '@orbit-ts/engine/sql'
import type { ByteWriter } from '@orbit-ts/storage'

/** Where in its transaction a session is, as ReadyForQuery says it. */
export type ReadyState = 'idle' | 'active' | 'failed'

/** Where the bytes of messages go before they are sent. */
export class MessageWriter {
  readonly #writer: ByteWriter
  #start = 0

  constructor(writer: ByteWriter) {
    this.#writer = writer
  }

  get bytes(): ByteWriter {
    return this.#writer
  }

  get length(): number {
    return this.#writer.length
  }

  /** What was written since the last time; the writer begins anew. */
  take(): Uint8Array {
    const bytes = this.#writer.toBytes()
    this.#writer.reset()
    return bytes
  }

  begin(type: string): void {
    this.#writer.byte(type.charCodeAt(0))
    this.#start = this.#writer.reserve(4)
  }

  end(): void {
    this.#writer.view.setInt32(this.#start, this.#writer.length - this.#start)
  }

  int16(value: number): void {
    const at = this.#writer.reserve(2)
    this.#writer.view.setInt16(at, value)
  }

  int32(value: number): void {
    const at = this.#writer.reserve(4)
    this.#writer.view.setInt32(at, value)
  }

  uint32(value: number): void {
    const at = this.#writer.reserve(4)
    this.#writer.view.setUint32(at, value)
  }

  /** Text and the zero byte that ends it. */
  text(value: string): void {
    this.#writer.text(value)
    this.#writer.byte(0)
  }

  /** A message without a body. */
  empty(type: string): void {
    this.begin(type)
    this.end()
  }

  authentication(code: number, write?: () => void): void {
    this.begin('R')
    this.int32(code)
    write?.()
    this.end()
  }

  parameterStatus(name: string, value: string): void {
    this.begin('S')
    this.text(name)
    this.text(value)
    this.end()
  }

  backendKeyData(processId: number, secret: Uint8Array): void {
    this.begin('K')
    this.int32(processId)
    this.#writer.bytes(secret)
    this.end()
  }

  negotiateVersion(minorVersion: number, unknown: readonly string[]): void {
    this.begin('v')
    this.int32(minorVersion)
    this.int32(unknown.length)
    for (const name of unknown) this.text(name)
    this.end()
  }

  readyForQuery(state: ReadyState): void {
    this.begin('Z')
    this.#writer.byte({ idle: 'I', active: 'T', failed: 'E' }[state].charCodeAt(0))
    this.end()
  }

  commandComplete(tag: string): void {
    this.begin('C')
    this.text(tag)
    this.end()
  }

  /** @param formatOf 0 text, 1 binary, by position. */
  rowDescription(columns: readonly ResultColumn[], formatOf: (at: number) => number): void {
    this.begin('T')
    this.int16(columns.length)
    for (const [at, { name, type, tableOid, columnNumber }] of columns.entries()) {
      this.text(name)
      this.uint32(tableOid)
      this.int16(columnNumber)
      this.uint32(type.scalar.oid)
      this.int16(type.scalar.length)
      this.int32(type.modifier)
      this.int16(formatOf(at))
    }
    this.end()
  }

  parameterDescription(oids: readonly number[]): void {
    this.begin('t')
    this.int16(oids.length)
    for (const oid of oids) this.uint32(oid)
    this.end()
  }

  copyResponse(type: 'G' | 'H', isBinary: boolean, columnCount: number): void {
    const format = isBinary ? 1 : 0
    this.begin(type)
    this.#writer.byte(format)
    this.int16(columnCount)
    for (let at = 0; at < columnCount; at++) this.int16(format)
    this.end()
  }

  copyData(data: Uint8Array): void {
    this.begin('d')
    this.#writer.bytes(data)
    this.end()
  }

  notification(processId: number, channel: string, payload: string): void {
    this.begin('A')
    this.int32(processId)
    this.text(channel)
    this.text(payload)
    this.end()
  }

  /** ErrorResponse or NoticeResponse. @param fields by their one-letter codes. */
  report(type: 'E' | 'N', fields: Iterable<readonly [code: string, value: string]>): void {
    this.begin(type)
    for (const [code, value] of fields) {
      this.#writer.byte(code.charCodeAt(0))
      // A zero byte would end the field, and lone surrogates are no UTF-8.
      this.text(Buffer.from(value.replaceAll('\0', '\uFFFD')).toString())
    }
    this.#writer.byte(0)
    this.end()
  }
}
