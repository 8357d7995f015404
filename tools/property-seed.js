// @ts-check
import fc from 'fast-check'

/**
 * Loaded before each test file: a tree that has passed passes again, because random tests begin with the same seed.
 * `ORBIT_PROPERTY_SEED` takes another one, or `random` for one of each test's own; a test that fails prints its seed.
 */
const given = process.env['ORBIT_PROPERTY_SEED'] ?? '20'

if (given !== 'random') {
  if (!/^-?\d{1,10}$/.test(given))
    throw new Error(`ORBIT_PROPERTY_SEED is '${given}'; give an integer, or 'random'`)
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(given) })
}
