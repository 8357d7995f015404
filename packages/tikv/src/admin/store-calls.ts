import { OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import { Context } from '../gen/kvrpcpb.js'
import type { KvMethod } from '../rpc/method.js'

/** A TiKV server that is not removed. */
export interface ServingStore {
  readonly id: bigint
  readonly address: string
}

/** As PD knows them now. */
export async function servingStores(
  core: ClientCore,
  signal?: AbortSignal,
): Promise<readonly ServingStore[]> {
  const stores = await core.pd.getAllStores({ signal })
  return stores
    .filter(({ labels }) => !labels.some(({ key, value }) => key === 'engine' && value.startsWith('tiflash')))
    .map(({ id, address }) => ({ id, address }))
}

/** Calls a server as such, not a region that it holds. */
export async function callStore<Request, Response>(
  core: ClientCore,
  store: ServingStore,
  method: KvMethod<Request, Response>,
  request: Request,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Response> {
  const encoded = core.codec.encodeRequest(method, request)
  return core.codec.decodeResponse(method, await core.rpc.call(store.address, method, encoded, options))
}

export interface StoreFailure {
  readonly store: ServingStore
  readonly error: Error
}

/** Calls every server at once, and waits for all of them. */
export async function callEveryStore<Request, Response>(
  core: ClientCore,
  method: KvMethod<Request, Response>,
  request: Request,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<{
  readonly answers: readonly { store: ServingStore; response: Response }[]
  readonly failures: readonly StoreFailure[]
}> {
  const stores = await servingStores(core, options.signal)
  const answers: { store: ServingStore; response: Response }[] = []
  const failures: StoreFailure[] = []
  await Promise.all(
    stores.map(async (store) => {
      try {
        answers.push({ store, response: await callStore(core, store, method, request, options) })
      } catch (error) {
        failures.push({ store, error: error instanceof Error ? error : new Error(String(error)) })
      }
    }),
  )
  return { answers, failures }
}

/** The context of a request to a server as such. */
export function storeContext(core: ClientCore): Context {
  return Context.fromPartial({ ...core.codec.context, clusterId: core.pd.clusterId })
}

export function refusedByStore(method: string, message: string): OrbitError {
  return new OrbitError('STORE_REFUSED', `${method} was refused by the server: ${message}`, {
    method,
    message,
  })
}
