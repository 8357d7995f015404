/** Statements about types. That they compile is the test. */

/** True when the compiler finds the two types to be the same. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** True when a value of the one type cannot be passed where the other is expected. */
export type IsRefused<Given, Expected> = [Given] extends [Expected] ? false : true

/** True when an object has a field that the other type does not know, which a literal may not have. */
export type HasUnknownField<Given, Expected> = keyof Given extends keyof NonNullable<Expected> ? false : true

/** What a function takes as its first argument. */
export type FirstOf<F extends (...args: never[]) => unknown> = Parameters<F>[0]

/** Compiles only when all are true. */
export const holds = <_Statements extends readonly true[] | true>(): void => undefined
