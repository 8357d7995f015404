import { OrbitError } from '@orbit-ts/base'

const OTHER_API = /key mode mismatch|api version|ttl is not enabled|non-ttl store/i

/** The error that a server's refusal stands for when it stores keys under another API version; else undefined. */
export function otherApiVersion(message: string, method?: string): OrbitError | undefined {
  if (!OTHER_API.test(message)) return undefined
  const call = method === undefined ? '' : `${method}: `
  return new OrbitError(
    'API_VERSION_MISMATCH',
    `${call}the cluster stores keys under another API version; set apiVersion to that of the cluster (storage.api-version of TiKV): ${message}`,
    { ...(method !== undefined && { method }), message },
  )
}
