/** What a node says about itself. */
export interface NodeDescription {
  /** 1 to 256 UTF-8 bytes. */
  readonly id: string
  /** Where other nodes reach it. */
  readonly url: string
  /** Facts for placement, for example the actor types it can run. At most 64 KiB as JSON. */
  readonly capabilities?: Readonly<Record<string, unknown>>
}

export interface ClusterNode extends NodeDescription {
  readonly capabilities: Readonly<Record<string, unknown>>
  /** Grows with every change of this node's entry. */
  readonly version: number
  /** Strictly increasing per node id: a node that joins again is another incarnation. */
  readonly incarnation: number
  readonly joinedAtMs: number
  readonly expiresAtMs: number
}

export interface NodeClaim {
  readonly id: string
  readonly version: number
}

export interface JoinResult {
  readonly joined: boolean
  /** The entry in effect. */
  readonly node: ClusterNode
}

export interface ClusterView {
  /** Grows with every join, update, leave and cleanup; not with renewals. */
  readonly version: number
  readonly nodes: readonly ClusterNode[]
}

/** The membership of the cluster. Changes are compare-and-set by version; a mismatch is `LEASE_CONFLICT`. */
export interface ClusterNodeProvider {
  /** Enters a node whose id is free or expired. Never overwrites one in effect unless `replaceVersion` names it. */
  join(
    node: NodeDescription,
    options: { readonly ttlMs: number; readonly replaceVersion?: number },
  ): Promise<JoinResult>
  get(id: string): Promise<ClusterNode | undefined>
  /** Extends the node's lease by `ttlMs` from now. @throws LEASE_CONFLICT, also when it has expired. */
  renew(claim: NodeClaim, ttlMs: number): Promise<ClusterNode>
  /** Changes what the node says about itself. */
  update(claim: NodeClaim, changes: Partial<Omit<NodeDescription, 'id'>>): Promise<ClusterNode>
  /** False when it is gone already. @throws LEASE_CONFLICT */
  leave(claim: NodeClaim): Promise<boolean>
  /** The nodes whose lease is in effect, as one consistent view. */
  active(): Promise<ClusterView>
  /** Every entry, expired ones that were not cleaned up yet included. */
  all(): Promise<ClusterNode[]>
  /** Removes expired entries; never one that was renewed meanwhile. Returns their ids. */
  cleanupExpired(): Promise<string[]>
}
