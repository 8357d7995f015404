import { ByteWriter } from '@orbit-ts/storage'
import type { Value } from '../../scalar/value.js'
import { ValueCodec } from '../spill/value-codec.js'

/** Texts that are the same for values that cannot be told apart by anything: those of 1.0 and 1.00 differ. */
export class ExactKeys {
  readonly #codec = new ValueCodec()
  readonly #writer = new ByteWriter()

  of(values: readonly Value[]): string {
    const writer = this.#writer.reset()
    for (const value of values) this.#codec.writeValue(writer, value)
    return writer.buffer.toString('latin1', 0, writer.length)
  }
}
