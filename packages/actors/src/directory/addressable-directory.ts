import type { Transaction } from '@orbit-ts/storage'

/** Names one virtual actor: its type and its key, both any text of 1 to 1024 UTF-8 bytes. */
export interface AddressableReference {
  readonly type: string
  readonly key: string
}

/** Which node holds an addressable, until when. */
export interface AddressableLease {
  readonly reference: AddressableReference
  readonly nodeId: string
  /** Grows with every change of this addressable's entry, also over removal; compare-and-set is by it. */
  readonly version: number
  /**
   * Strictly increasing per addressable: each new grant has a higher one, renewals keep it. State writes check it in
   * their own transaction (`requireEpoch`), so the late write of an evicted holder fails.
   */
  readonly epoch: number
  readonly grantedAtMs: number
  /** By the store's clock. At this moment and after it the lease is no longer in effect. */
  readonly expiresAtMs: number
}

export interface RegisterRequest {
  readonly reference: AddressableReference
  readonly nodeId: string
  /** 1 or more. */
  readonly ttlMs: number
  /** The version of the lease to replace although it is still in effect; without it only a free entry is taken. */
  readonly replaceVersion?: number
}

export interface Registration {
  /** True when this request was granted; otherwise `lease` is another's, or this node's earlier one. */
  readonly granted: boolean
  /** The lease in effect. */
  readonly lease: AddressableLease
}

/** Who acts on which state of the entry. */
export interface LeaseClaim {
  readonly reference: AddressableReference
  readonly nodeId: string
  readonly version: number
}

/**
 * The directory of addressables: which node runs which actor.
 *
 * Every change is a compare-and-set: it names the version it builds on, and fails with `LEASE_CONFLICT` (details.lease
 * is the one in effect, if any) when that is not the present one.
 */
export interface AddressableDirectoryProvider {
  /** Takes the entry when it is free or expired. Never overwrites a lease in effect unless `replaceVersion` names it. */
  register(request: RegisterRequest): Promise<Registration>
  /** One answer per request, in order; all in one transaction. */
  registerMany(requests: readonly RegisterRequest[]): Promise<Registration[]>
  /** The lease in effect. */
  lookup(reference: AddressableReference): Promise<AddressableLease | undefined>
  lookupMany(references: readonly AddressableReference[]): Promise<(AddressableLease | undefined)[]>
  /** Extends a lease in effect by `ttlMs` from now. @throws LEASE_CONFLICT, also when it has expired. */
  renew(claim: LeaseClaim, ttlMs: number): Promise<AddressableLease>
  /** Extends every one of the leases that is still the claimant's; undefined in place of the others. */
  renewMany(claims: readonly LeaseClaim[], ttlMs: number): Promise<(AddressableLease | undefined)[]>
  /** Gives a lease up. False when the entry is free already. @throws LEASE_CONFLICT when another's is in effect. */
  remove(claim: LeaseClaim): Promise<boolean>
  removeMany(claims: readonly LeaseClaim[]): Promise<boolean[]>
  /** Frees everything that a node holds, for when it is known to be gone; returns how many. */
  removeByNode(nodeId: string): Promise<number>
  /** The leases in effect that a node holds, in chunks. */
  listByNode(nodeId: string): AsyncIterable<AddressableLease[]>
  /** The leases in effect, all or of one type, in chunks. */
  listAll(type?: string): AsyncIterable<AddressableLease[]>
  /** Frees entries that have expired; never one that was renewed meanwhile. Returns how many. */
  cleanupExpired(options?: { readonly limit?: number }): Promise<number>
  /**
   * To be called inside the transaction that writes an actor's state: makes its commit fail unless `epoch` is the
   * latest grant of the addressable, and stays so until the commit.
   * @throws LEASE_FENCED when a later grant exists
   */
  requireEpoch(tx: Transaction, reference: AddressableReference, epoch: number): Promise<void>
}
