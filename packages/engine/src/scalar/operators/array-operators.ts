/** Operators on arrays. One a line: see define-operators. */
export const arrayOperators = String.raw`
  2750 && anyarray anyarray 2747 &&
  2752 <@ anyarray anyarray 2749 @>
  2751 @> anyarray anyarray 2748 <@
  349 || anycompatiblearray anycompatible 378
  374 || anycompatible anycompatiblearray 379
  375 || anycompatiblearray anycompatiblearray 383
  2779 || text anynonarray 2003
  2780 || anynonarray text 2004
`
