import type { Context } from '../../gen/kvrpcpb.js'
import type { KvMethod } from '../../rpc/method.js'
import type { Bounds } from '../mvcc/mvcc-state.js'
import type { CallOptions } from '../mvcc/mvcc-store.js'
import type { CommandKind } from './api-mode.js'
import type { RegionCheck } from './region-check.js'
import type { StoreScope } from './store-scope.js'

/** What a command is carried out with, once its region has been checked. */
export interface OperationScope extends StoreScope {
  /** The region's keys as the command has them: user keys of transactions, raw keys. */
  readonly bounds: Bounds
  readonly regionId: bigint
  readonly call: CallOptions
}

export type KeyPair = readonly [Uint8Array, Uint8Array]

interface ContextHolder {
  readonly context?: Context | undefined
}

export interface OperationSpec<Request, Response> {
  readonly kind: CommandKind
  readonly check: RegionCheck
  readonly keys?: (request: Request) => readonly Uint8Array[]
  /** Ranges as the request has them, for the check of their API version. */
  readonly ranges?: (request: Request) => readonly KeyPair[]
  /** Ranges, lower bound first, that a scan refuses when they leave the region. */
  readonly scanned?: (request: Request) => readonly KeyPair[]
  /** Where a cursor begins: in the region or at its end. */
  readonly anchors?: (request: Request) => readonly Uint8Array[]
  /** Ranges that are written and must lie in the region. */
  readonly covered?: (request: Request) => readonly KeyPair[]
  /** Whether TiKV limits the length of the keys. Default false. */
  readonly limitsKeySize?: boolean
  /** The timestamp of a read, for stale reads. */
  readonly readTs?: (request: Request) => bigint
  /** Bytes that go through the log; absent for what writes little. */
  readonly entryBytes?: (request: Request) => number
  /** Whether a store that is almost full still does it. Default false, which counts only for `writes`. */
  readonly allowedOnAlmostFull?: boolean
  /** Skips the checks of the API version. */
  readonly anyApiVersion?: boolean
  readonly run: (scope: OperationScope, request: Request) => Response | Promise<Response>
  /** The answer when the command as a whole is refused. */
  readonly failed: (message: string) => Response
}

/** A region-bound command with its types forgotten, so that all of them fit into one table. */
export interface Operation {
  readonly method: KvMethod<unknown, unknown>
  readonly kind: CommandKind
  readonly check: RegionCheck
  readonly allowedOnAlmostFull: boolean
  readonly anyApiVersion: boolean
  context(request: unknown): Context | undefined
  keys(request: unknown): readonly Uint8Array[]
  ranges(request: unknown): readonly KeyPair[]
  scanned(request: unknown): readonly KeyPair[]
  anchors(request: unknown): readonly Uint8Array[]
  covered(request: unknown): readonly KeyPair[]
  readonly limitsKeySize: boolean
  readTs(request: unknown): bigint | undefined
  entryBytes(request: unknown): number
  run(scope: OperationScope, request: unknown): Promise<unknown>
  failed(message: string): unknown
}

/** Requests reach an operation only through its own method, so that they are of its type. */
export function operation<Request extends ContextHolder, Response>(
  method: KvMethod<Request, Response>,
  spec: OperationSpec<Request, Response>,
): Operation {
  return {
    method,
    kind: spec.kind,
    check: spec.check,
    allowedOnAlmostFull: spec.allowedOnAlmostFull ?? false,
    anyApiVersion: spec.anyApiVersion ?? false,
    context: (request) => (request as Request).context,
    keys: (request) => spec.keys?.(request as Request) ?? [],
    ranges: (request) => spec.ranges?.(request as Request) ?? [],
    scanned: (request) => spec.scanned?.(request as Request) ?? [],
    anchors: (request) => spec.anchors?.(request as Request) ?? [],
    covered: (request) => spec.covered?.(request as Request) ?? [],
    limitsKeySize: spec.limitsKeySize ?? false,
    readTs: (request) => spec.readTs?.(request as Request),
    entryBytes: (request) => spec.entryBytes?.(request as Request) ?? 0,
    run: async (scope, request) => spec.run(scope, request as Request),
    failed: spec.failed,
  }
}

export const bytesOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, part) => sum + part.length, 0)
