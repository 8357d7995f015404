import type { Metadata } from '../transport.js'

/** One call between two ends of an {@link InProcessNetwork}. */
export interface LinkCall {
  /** The name that the calling transport was given. */
  readonly from: string
  /** The address called. */
  readonly to: string
  /** For example `/tikvpb.Tikv/KvGet`. */
  readonly path: string
  readonly metadata: Metadata
}

export interface LinkMessage {
  readonly call: LinkCall
  readonly direction: 'request' | 'response'
  /** Of this direction of this call, from 0. */
  readonly index: number
  /** The length of the encoded message; 0 where objects are passed through. */
  readonly sizeBytes: number
}

/** `refuse`: nobody listens there. `hang`: the connection stands, and nothing sent over it ever arrives. */
export type CallVerdict = 'refuse' | 'hang'

/**
 * What becomes of a message.
 * - `drop`: it is lost, and the connection stands: the caller runs into its deadline. Of a duplex stream only this
 *   message is lost, of other calls also what follows it in this direction.
 * - `cut`: the stream breaks in its place, after all that went before it. A `request` then was not applied; when it is
 *   a `response`, the call was applied and its answer is lost.
 * - `duplicate`: it arrives twice; a unary call is applied twice, and the first answer counts.
 * - `delayMs`: it arrives later, and so does what follows it on this stream.
 */
export type MessageVerdict = 'drop' | 'cut' | 'duplicate' | { readonly delayMs: number }

/** Decides what a network does with calls and messages. The first hook with a verdict wins; without one all is well. */
export interface LinkHook {
  onCall?(call: LinkCall): CallVerdict | undefined
  onMessage?(message: LinkMessage): MessageVerdict | undefined
}

/** Which calls a fault concerns; what is left out matches all. */
export interface LinkFilter {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly path?: string | undefined
}

export function matchesLink(filter: LinkFilter, call: LinkCall): boolean {
  return (
    (filter.from === undefined || filter.from === call.from) &&
    (filter.to === undefined || filter.to === call.to) &&
    (filter.path === undefined || filter.path === call.path)
  )
}
