// @ts-check
/** psycopg, Prisma and JDBC: the same program against Orbit and PostgreSQL, with the same answers. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { skipWithout } from '../tikv/harness/test-programs.js'
import { commandOf } from '../../tools/build-test-servers.js'
import { JDBC_ANSWERS, PRISMA_ANSWERS, PSYCOPG_ANSWERS } from './foreign-answers.js'
import { onEachServer } from './servers.js'

const run = promisify(execFile)

/** @param {string} name @param {readonly string[]} args */
async function linesOf(name, args) {
  const [program = '', ...options] = commandOf(name) ?? []
  const { stdout } = await run(program, [...options, ...args], { timeout: 120_000 })
  return stdout.trimEnd().split('\n')
}

onEachServer('psycopg', (server) => {
  test('does everything that it does', { skip: skipWithout('psycopg') }, async () => {
    const { url, caFile } = server()
    const lines = await linesOf('psycopg', [url, caFile])
    assert.deepEqual(Object.fromEntries(lines.map((line) => JSON.parse(line))), PSYCOPG_ANSWERS)
  })
})

onEachServer('Prisma', (server) => {
  test('does everything that it does', { skip: skipWithout('prismaclient') }, async () => {
    const { url, caFile } = server()
    const lines = await linesOf('prismaclient', [url, caFile])
    assert.deepEqual(Object.fromEntries(lines.map((line) => JSON.parse(line))), PRISMA_ANSWERS)
  })
})

onEachServer('JDBC', (server) => {
  test('does everything that it does', { skip: skipWithout('jdbc') }, async () => {
    const { port, database, user, caFile } = server()
    const lines = await linesOf('jdbc', ['127.0.0.1', String(port), database, user, caFile])
    assert.deepEqual(lines, JDBC_ANSWERS)
  })
})
