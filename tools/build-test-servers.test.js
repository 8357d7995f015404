// @ts-check
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandOf, programs, serversFolder } from './build-test-servers.js'

test('a program that is not built has no command, and an unknown one is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orbit-servers-'))
  const before = process.env['ORBIT_TEST_SERVERS']
  process.env['ORBIT_TEST_SERVERS'] = folder
  try {
    assert.equal(serversFolder(), folder)
    for (const name of Object.keys(programs)) assert.equal(commandOf(name), undefined, name)
    assert.throws(() => commandOf('tikv'), /no program tikv; there are rustclient, pd, unistore, goclient/)
  } finally {
    if (before === undefined) delete process.env['ORBIT_TEST_SERVERS']
    else process.env['ORBIT_TEST_SERVERS'] = before
    rmSync(folder, { recursive: true })
  }
})
