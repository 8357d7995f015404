/**
 * The cluster's membership over any storage provider.
 *
 * Invariants:
 * 1. One entry per node id; its version and incarnation only grow, also over leaving.
 * 2. The view's version is written by every change of the set of nodes or of what they say, not by renewals.
 * 3. The clock is the one the provider was built with; no time from a caller is compared.
 */
import { OrbitError, systemEnv, type Env } from '@orbit-ts/base'
import {
  actorKeys,
  internalKeys,
  type Reader,
  type StorageProvider,
  type Transaction,
} from '@orbit-ts/storage'
import { checkJson } from './check-json.js'
import type {
  ClusterNode,
  ClusterNodeProvider,
  ClusterView,
  JoinResult,
  NodeClaim,
  NodeDescription,
} from './cluster-nodes.js'
import { checkText, checkTtl, checkVersion, decodeRecord, encodeRecord } from './lease-record.js'

interface Entry {
  readonly version: number
  readonly incarnation: number
  /** Undefined when the node has left. */
  readonly node?: Omit<ClusterNode, 'version' | 'incarnation'> | undefined
}

const NO_ENTRY: Entry = { version: 0, incarnation: 0 }
const VIEW_KEY = internalKeys.fact('cluster-view')
const ID_BYTES_MAX = 256
const URL_BYTES_MAX = 2048
const CAPABILITIES_BYTES_MAX = 64 * 1024

export class StorageClusterNodes implements ClusterNodeProvider {
  readonly #storage: StorageProvider
  readonly #env: Env

  constructor(storage: StorageProvider, options: { readonly env?: Env } = {}) {
    this.#storage = storage
    this.#env = options.env ?? systemEnv
  }

  join(
    node: NodeDescription,
    options: { readonly ttlMs: number; readonly replaceVersion?: number },
  ): Promise<JoinResult> {
    checkText('id', node.id, ID_BYTES_MAX)
    checkDescription(node)
    checkTtl(options.ttlMs)
    if (options.replaceVersion !== undefined) checkVersion('replaceVersion', options.replaceVersion)
    return this.#changeView(async (tx) => {
      const entry = await readEntry(tx, node.id)
      const present = this.#inEffect(entry)
      if (present !== undefined && options.replaceVersion !== present.version)
        return { joined: false, node: present }
      const nowMs = this.#env.clock.nowMs()
      const after = {
        version: entry.version + 1,
        incarnation: entry.incarnation + 1,
        node: {
          id: node.id,
          url: node.url,
          capabilities: node.capabilities ?? {},
          joinedAtMs: nowMs,
          expiresAtMs: nowMs + options.ttlMs,
        },
      }
      await store(tx, node.id, after, 'view changes')
      return { joined: true, node: nodeOf(after, after.node) }
    })
  }

  async get(id: string): Promise<ClusterNode | undefined> {
    checkText('id', id, ID_BYTES_MAX)
    await using snapshot = await this.#storage.snapshot()
    return this.#inEffect(await readEntry(snapshot, id))
  }

  renew(claim: NodeClaim, ttlMs: number): Promise<ClusterNode> {
    checkTtl(ttlMs)
    return this.#changeOwn(claim, 'view stays', (node) => ({
      ...node,
      expiresAtMs: this.#env.clock.nowMs() + ttlMs,
    }))
  }

  update(claim: NodeClaim, changes: Partial<Omit<NodeDescription, 'id'>>): Promise<ClusterNode> {
    return this.#changeOwn(claim, 'view changes', (node) => {
      const changed = {
        ...node,
        url: changes.url ?? node.url,
        capabilities: changes.capabilities ?? node.capabilities,
      }
      checkDescription(changed)
      return changed
    })
  }

  leave(claim: NodeClaim): Promise<boolean> {
    checkClaim(claim)
    return this.#changeView(async (tx) => {
      const entry = await readEntry(tx, claim.id)
      if (this.#inEffect(entry) === undefined) return false
      this.#requireVersion(claim, entry)
      await store(tx, claim.id, left(entry), 'view changes')
      return true
    })
  }

  async active(): Promise<ClusterView> {
    await using snapshot = await this.#storage.snapshot()
    const nodes = (await readAll(snapshot)).map((entry) => this.#inEffect(entry))
    return { version: await readViewVersion(snapshot), nodes: nodes.filter((node) => node !== undefined) }
  }

  async all(): Promise<ClusterNode[]> {
    await using snapshot = await this.#storage.snapshot()
    const entries = await readAll(snapshot)
    return entries.flatMap((entry) => (entry.node === undefined ? [] : [nodeOf(entry, entry.node)]))
  }

  cleanupExpired(): Promise<string[]> {
    return this.#changeView(async (tx) => {
      const removed: string[] = []
      for (const entry of await readAll(tx)) {
        if (entry.node === undefined || this.#inEffect(entry) !== undefined) continue
        await store(tx, entry.node.id, left(entry), 'view changes')
        removed.push(entry.node.id)
      }
      return removed
    })
  }

  /** Changes of the view take turns: they all write its version, and would only conflict otherwise. */
  #changeView<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#storage.transact(async (tx) => {
      await tx.lock([VIEW_KEY])
      return work(tx)
    })
  }

  #changeOwn(
    claim: NodeClaim,
    view: ViewChange,
    change: (node: NonNullable<Entry['node']>) => NonNullable<Entry['node']>,
  ): Promise<ClusterNode> {
    checkClaim(claim)
    const transact =
      view === 'view changes' ? this.#changeView.bind(this) : this.#storage.transact.bind(this.#storage)
    return transact(async (tx) => {
      const entry = await readEntry(tx, claim.id)
      const { version, incarnation, ...node } = this.#requireVersion(claim, entry)
      const after = { version: version + 1, incarnation, node: change(node) }
      await store(tx, claim.id, after, view)
      return nodeOf(after, after.node)
    })
  }

  #inEffect(entry: Entry): ClusterNode | undefined {
    const { node } = entry
    return node === undefined || node.expiresAtMs <= this.#env.clock.nowMs() ? undefined : nodeOf(entry, node)
  }

  #requireVersion(claim: NodeClaim, entry: Entry): ClusterNode {
    const node = this.#inEffect(entry)
    if (node?.version === claim.version) return node
    const present =
      node === undefined
        ? 'it is not a member, or its lease has expired'
        : `version ${node.version} is in effect`
    throw new OrbitError(
      'LEASE_CONFLICT',
      `node "${claim.id}": version ${claim.version} was claimed, but ${present}`,
      {
        id: claim.id,
        ...(node === undefined ? {} : { node }),
      },
    )
  }
}

type ViewChange = 'view changes' | 'view stays'

async function store(tx: Transaction, id: string, entry: Entry, view: ViewChange): Promise<void> {
  tx.put(actorKeys.node(id), encodeRecord(entry))
  if (view === 'view stays') return
  tx.put(VIEW_KEY, encodeRecord({ version: (await readViewVersion(tx)) + 1 }))
}

async function readViewVersion(reader: Reader): Promise<number> {
  const stored = await reader.get(VIEW_KEY)
  return stored === undefined ? 0 : decodeRecord<{ version: number }>(stored, 'cluster view').version
}

async function readEntry(reader: Reader, id: string): Promise<Entry> {
  const stored = await reader.get(actorKeys.node(id))
  return stored === undefined ? NO_ENTRY : decodeRecord<Entry>(stored, `cluster node "${id}"`)
}

async function readAll(reader: Reader): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const chunk of reader.scan(actorKeys.nodes())) {
    for (const { value } of chunk) entries.push(decodeRecord<Entry>(value, 'cluster node'))
  }
  return entries
}

function nodeOf(entry: Entry, node: NonNullable<Entry['node']>): ClusterNode {
  return { ...node, version: entry.version, incarnation: entry.incarnation }
}

function left(entry: Entry): Entry {
  return { version: entry.version + 1, incarnation: entry.incarnation }
}

function checkClaim(claim: NodeClaim): void {
  checkText('id', claim.id, ID_BYTES_MAX)
  checkVersion('version', claim.version)
}

function checkDescription({ url, capabilities }: Omit<NodeDescription, 'id'>): void {
  checkText('url', url, URL_BYTES_MAX)
  if (capabilities === undefined) return
  if (typeof capabilities !== 'object' || capabilities === null || Array.isArray(capabilities)) {
    const found = Array.isArray(capabilities) ? 'an array' : String(capabilities)
    throw new OrbitError('INVALID_ARGUMENT', `capabilities: is ${found}; it must be an object`, {
      field: 'capabilities',
    })
  }
  checkJson('capabilities', capabilities)
  const size = Buffer.byteLength(JSON.stringify(capabilities))
  if (size <= CAPABILITIES_BYTES_MAX) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `capabilities: ${size} bytes of JSON; at most ${CAPABILITIES_BYTES_MAX} are accepted`,
    {
      field: 'capabilities',
    },
  )
}
