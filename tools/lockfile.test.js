// @ts-check
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

/** @type {Record<string, { version?: string, resolved?: string, optionalDependencies?: Record<string, string>, engines?: { node?: string } }>} */
const packages = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')).packages

// npm writes only the binaries of the machine it runs on when a lock is made beside a filled node_modules; `npm ci` on
// another platform would then install none.
for (const platform of [
  'linux-x64',
  'linux-arm64',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
  'win32-arm64',
]) {
  test(`the lock file has the native binaries of ${platform}`, () => {
    const [os = '', cpu = ''] = platform.split('-')
    const suffix = os === 'win32' ? '-msvc' : os === 'linux' ? '-gnu' : ''
    for (const name of [
      `@lmdb/lmdb-${os}-${cpu}`,
      `@node-rs/crc32-${os}-${cpu}${suffix}`,
      `@antoniomuso/lz4-napi-${os}-${cpu}${suffix}`,
    ]) {
      assert.ok(packages[`node_modules/${name}`], `${name} is missing: make the lock file in an empty folder`)
    }
  })
}

test('the lock file names no registry', () => {
  for (const [path, { resolved }] of Object.entries(packages)) {
    assert.ok(resolved === undefined || !resolved.includes('://'), `${path} is resolved to ${resolved}`)
  }
})
