import { unreachable } from '@orbit-ts/base'
import type { ByteReader, ByteWriter } from '@orbit-ts/storage'
import type { JsonNode } from '../../scalar/json/jsonb.js'
import { Numeric } from '../../scalar/numeric/numeric.js'
import { readBigint, readLength, readText, writeBigint, writeLength, writeText } from './primitives.js'

const TAG = { null: 0, false: 1, true: 2, text: 3, number: 4, list: 5, map: 6 } as const

/** The nodes of JSON values as bytes. */
export class JsonNodeCodec {
  write(writer: ByteWriter, node: JsonNode): void {
    if (node === null) return void writer.byte(TAG.null)
    if (typeof node === 'boolean') return void writer.byte(node ? TAG.true : TAG.false)
    if (typeof node === 'string') {
      writer.byte(TAG.text)
      return void writeText(writer, node)
    }
    if (node instanceof Numeric) {
      writer.byte(TAG.number)
      writeLength(writer, node.scale)
      return void writeBigint(writer, node.digits)
    }
    if (isList(node)) {
      writer.byte(TAG.list)
      writeLength(writer, node.length)
      for (const element of node) this.write(writer, element)
      return
    }
    writer.byte(TAG.map)
    writeLength(writer, node.size)
    for (const [key, value] of node) {
      writeText(writer, key)
      this.write(writer, value)
    }
  }

  read(reader: ByteReader): JsonNode {
    const tag = reader.byte() as (typeof TAG)[keyof typeof TAG]
    switch (tag) {
      case TAG.null:
        return null
      case TAG.false:
        return false
      case TAG.true:
        return true
      case TAG.text:
        return readText(reader)
      case TAG.number: {
        const scale = readLength(reader)
        return new Numeric(readBigint(reader), scale)
      }
      case TAG.list:
        return Array.from({ length: readLength(reader) }, () => this.read(reader))
      case TAG.map: {
        const map = new Map<string, JsonNode>()
        for (let left = readLength(reader); left > 0; left--) map.set(readText(reader), this.read(reader))
        return map
      }
      default:
        return unreachable(tag, 'JSON node')
    }
  }
}

function isList(node: readonly JsonNode[] | ReadonlyMap<string, JsonNode>): node is readonly JsonNode[] {
  return Array.isArray(node)
}
