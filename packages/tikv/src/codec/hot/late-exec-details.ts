import { OrbitError } from '@orbit-ts/base'
import { ExecDetailsV2 } from '../../gen/kvrpcpb.js'

/**
 * The execution details of a response, decoded when somebody looks at them: TiKV sends up to sixty numbers with every
 * answer, and few callers read them. Keeps the response's bytes.
 *
 * Errors, on reading a property: `PROTOCOL_VIOLATION`.
 */
export class LateExecDetails implements ExecDetailsV2 {
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number
  #decoded: ExecDetailsV2 | undefined

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
  }

  get timeDetail(): ExecDetailsV2['timeDetail'] {
    return this.#details().timeDetail
  }

  get scanDetailV2(): ExecDetailsV2['scanDetailV2'] {
    return this.#details().scanDetailV2
  }

  get writeDetail(): ExecDetailsV2['writeDetail'] {
    return this.#details().writeDetail
  }

  get timeDetailV2(): ExecDetailsV2['timeDetailV2'] {
    return this.#details().timeDetailV2
  }

  get ruV2(): ExecDetailsV2['ruV2'] {
    return this.#details().ruV2
  }

  get readPoolTaskDetails(): ExecDetailsV2['readPoolTaskDetails'] {
    return this.#details().readPoolTaskDetails
  }

  #details(): ExecDetailsV2 {
    return (this.#decoded ??= this.#decode())
  }

  #decode(): ExecDetailsV2 {
    try {
      return ExecDetailsV2.decode(this.#bytes.subarray(this.#start, this.#end))
    } catch (cause) {
      throw new OrbitError(
        'PROTOCOL_VIOLATION',
        'the execution details of an answer are malformed',
        {},
        { cause },
      )
    }
  }
}
