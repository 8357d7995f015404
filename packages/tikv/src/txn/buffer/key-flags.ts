/**
 * What a transaction knows or demands about one key besides its value, as a set of bits.
 * Equivalent in client-go: `kv/keyflags.go`.
 */
export const KeyFlag = {
  /** The key was inserted: prewrite (or the lock) must find it absent. */
  PresumeNotExists: 1 << 0,
  /** This transaction holds a pessimistic lock on the key. */
  Locked: 1 << 1,
  /** The key must be locked before the transaction commits. */
  NeedLocked: 1 << 2,
  /** The key had a value when it was locked. Only meaningful together with `Locked`. */
  LockedValueExists: 1 << 3,
  /** Locking the key must check that it is absent. */
  NeedCheckExists: 1 << 4,
  /** The key takes part in prewrite only: it is checked, not locked. */
  PrewriteOnly: 1 << 5,
  /** The key takes no part in the commit. */
  IgnoredInCommit: 1 << 6,
  /** The key did not exist before this transaction inserted it; deleting it again needs no write. */
  NewlyInserted: 1 << 7,
  /** With `AssertNotExist`: nothing can be asserted. Alone: the key must exist at commit. */
  AssertExist: 1 << 8,
  AssertNotExist: 1 << 9,
  /** The conflict and absence checks of a key that was not locked are left to prewrite. */
  NeedConstraintCheckInPrewrite: 1 << 10,
  /** An earlier statement presumed the absence of the key; later ones cannot take that back. */
  PreviousPresumeNotExists: 1 << 11,
} as const

/** Bits of {@link KeyFlag}. */
export type KeyFlags = number

/** Bits to take away, then bits to add. */
export interface FlagChange {
  readonly set?: KeyFlags
  readonly clear?: KeyFlags
}

/**
 * Facts about locks on the servers. Undoing writes does not undo them: a key keeps them when its write is rolled back
 * to a stage or checkpoint.
 */
export const LASTING_FLAGS: KeyFlags =
  KeyFlag.Locked | KeyFlag.LockedValueExists | KeyFlag.NeedConstraintCheckInPrewrite

const ASSERTIONS: KeyFlags = KeyFlag.AssertExist | KeyFlag.AssertNotExist

/** The changes that go together. */
export const FlagChanges = {
  presumeNotExists: { set: KeyFlag.PresumeNotExists | KeyFlag.NeedCheckExists },
  forgetPresumeNotExists: { clear: KeyFlag.PresumeNotExists | KeyFlag.NeedCheckExists },
  /** The lock was granted, and the key had a value. */
  lockedValueExists: {
    set: KeyFlag.Locked | KeyFlag.LockedValueExists,
    clear: KeyFlag.NeedConstraintCheckInPrewrite | KeyFlag.NeedLocked,
  },
  /** The lock was granted, and the key had no value. */
  lockedValueMissing: {
    set: KeyFlag.Locked,
    clear: KeyFlag.LockedValueExists | KeyFlag.NeedConstraintCheckInPrewrite | KeyFlag.NeedLocked,
  },
  /** The lock was given back. */
  unlocked: { clear: KeyFlag.Locked | KeyFlag.LockedValueExists },
  assertExist: { set: KeyFlag.AssertExist, clear: KeyFlag.AssertNotExist },
  assertNotExist: { set: KeyFlag.AssertNotExist, clear: KeyFlag.AssertExist },
  assertUnknown: { set: ASSERTIONS },
  assertNone: { clear: ASSERTIONS },
} as const satisfies Record<string, FlagChange>

export type AssertedExistence = 'none' | 'exist' | 'not-exist' | 'unknown'

export function changeFlags(flags: KeyFlags, change: FlagChange | undefined): KeyFlags {
  return change === undefined ? flags : (flags & ~(change.clear ?? 0)) | (change.set ?? 0)
}

export function hasFlag(flags: KeyFlags, flag: KeyFlags): boolean {
  return (flags & flag) !== 0
}

/** Whether the key must be found absent, by this or an earlier statement. */
export function presumesNotExists(flags: KeyFlags): boolean {
  return (flags & (KeyFlag.PresumeNotExists | KeyFlag.PreviousPresumeNotExists)) !== 0
}

export function assertedExistence(flags: KeyFlags): AssertedExistence {
  switch (flags & ASSERTIONS) {
    case 0:
      return 'none'
    case KeyFlag.AssertExist:
      return 'exist'
    case KeyFlag.AssertNotExist:
      return 'not-exist'
    default:
      return 'unknown'
  }
}

/** Flags of a key whose write is undone: those from before it, with what is true of the servers now. */
export function flagsAfterUndo(before: KeyFlags, now: KeyFlags): KeyFlags {
  return (before & ~LASTING_FLAGS) | (now & LASTING_FLAGS)
}
