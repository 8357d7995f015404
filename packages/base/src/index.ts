export { type Env, type Clock, type Timers, type Timer, type Random, delay } from './env/env.js'
export { systemEnv } from './env/system-env.js'
export { TestEnv } from './env/test-env.js'
export { ERROR_CODES, type ErrorCode, type Retry } from './errors/codes.js'
export { OrbitError, hasCode, type ErrorDetails } from './errors/orbit-error.js'
export { assert, defined, unreachable } from './errors/assert.js'
export { nearest, didYouMean } from './errors/suggest.js'
export {
  EMPTY_BYTES,
  asBuffer,
  compareBytes,
  concatBytes,
  equalBytes,
  fromBinaryString,
  fromUtf8,
  toBinaryString,
  toHex,
  utf8,
} from './bytes/bytes.js'
