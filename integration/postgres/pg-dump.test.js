// @ts-check
/** Debian's pg_dump, pg_restore and pg_dumpall: what one server held is in another, whichever of the two is Orbit. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { postgresPrograms, startOrbit, startPostgres } from '../servers/sql-servers.js'
import { DUMPED_DATABASE, DUMPED_ROLES } from './dumped-database.js'
import { missingPostgres } from './servers.js'

/** @typedef {import('../servers/sql-servers.js').SqlServer} SqlServer */

const skip = missingPostgres()

/** @param {string} name of a program @param {readonly string[]} args @param {string} [input] @returns {string} */
function run(name, args, input) {
  const found = spawnSync(join(postgresPrograms() ?? '', name), args, {
    encoding: 'utf8',
    input,
    maxBuffer: 2 ** 26,
    env: { ...process.env, PGCONNECT_TIMEOUT: '20' },
  })
  assert.equal(found.status, 0, `${name} ${args.join(' ')}: ${found.stderr}`)
  return found.stdout
}

/** A script must not fail anywhere. @param {SqlServer} server @param {string} script */
function load(server, script) {
  run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', '-', server.url], script)
}

/** What a dump says, without what differs from run to run and from server to server. @param {string} dump */
function plain(dump) {
  return dump
    .split('\n')
    .filter((line) => !/^\\(un)?restrict|^--|^$/.test(line))
    .join('\n')
}

/** @param {SqlServer} server @param {...string} options */
const dump = (server, ...options) => plain(run('pg_dump', [...options, server.url]))

/** Rows are compared as COPY writes them. @param {SqlServer} server */
const dataOf = (server) => dump(server, '--data-only', '--no-owner')

/** Each view's rows, which a dump does not hold. @param {SqlServer} server */
const viewsOf = (server) =>
  ['owners', 'sales.expensive', 'v2', 'heavy'].map((view) =>
    run('psql', ['-X', '-A', '-t', '-c', `SELECT * FROM ${view} ORDER BY 1`, server.url]),
  )

/** @param {string} title @param {() => Promise<SqlServer>} startSource @param {() => Promise<SqlServer>} startTarget */
function inBothForms(title, startSource, startTarget) {
  describe(`pg_dump, ${title}`, { skip }, () => {
    /** @type {SqlServer} */
    let source
    /** @type {SqlServer} */
    let target
    /** @type {string} */
    let folder

    before(async () => {
      source = await startSource()
      target = await startTarget()
      folder = mkdtempSync(join(tmpdir(), 'orbit-dump-'))
      load(source, DUMPED_ROLES + DUMPED_DATABASE)
      load(target, DUMPED_ROLES)
      if (source.user !== target.user) load(target, `CREATE ROLE ${source.user}`)
    })
    after(async () => {
      await Promise.all([source.close(), target.close()])
      rmSync(folder, { recursive: true, force: true })
    })

    test('a plain dump', () => {
      load(target, run('pg_dump', ['--no-owner', source.url]))
      assert.equal(dataOf(target), dataOf(source))
      assert.deepEqual(viewsOf(target), viewsOf(source))
    })

    test('a dump with INSERT, over what was there', () => {
      load(target, run('pg_dump', ['--no-owner', '--clean', '--if-exists', '--inserts', source.url]))
      assert.equal(dataOf(target), dataOf(source))
    })

    test('the custom form, and the folder, through pg_restore', () => {
      for (const form of ['custom', 'directory']) {
        const file = join(folder, form)
        run('pg_dump', ['--format', form, '--file', file, source.url])
        run('pg_restore', ['--no-owner', '--clean', '--if-exists', '--dbname', target.url, file])
        assert.equal(dataOf(target), dataOf(source))
        assert.deepEqual(viewsOf(target), viewsOf(source))
      }
    })

    test('definitions alone, then rows alone', () => {
      load(target, run('pg_dump', ['--no-owner', '--clean', '--if-exists', '--schema-only', source.url]))
      load(target, run('pg_dump', ['--no-owner', '--data-only', source.url]))
      assert.equal(dataOf(target), dataOf(source))
    })

    test('one table, one schema', () => {
      const table = run('pg_dump', ['--no-owner', '--clean', '-t', 'alltypes', source.url])
      load(target, table)
      assert.equal(dump(target, '-a', '-t', 'alltypes'), dump(source, '-a', '-t', 'alltypes'))
      const schema = run('pg_dump', ['--no-owner', '-n', 'sales', source.url])
      load(target, `DROP SCHEMA sales CASCADE;${schema}`)
      assert.equal(dump(target, '-a', '-O', '-n', 'sales'), dump(source, '-a', '-O', '-n', 'sales'))
    })
  })
}

inBothForms('Orbit to Orbit', startOrbit, startOrbit)
inBothForms('Orbit to PostgreSQL', startOrbit, startPostgres)
inBothForms('PostgreSQL to Orbit', startPostgres, startOrbit)

describe('pg_dump, definitions', { skip }, () => {
  /** @type {SqlServer} */
  let orbit
  /** @type {SqlServer} */
  let postgres

  before(async () => {
    orbit = await startOrbit()
    postgres = await startPostgres()
    for (const server of [orbit, postgres]) load(server, DUMPED_ROLES + DUMPED_DATABASE)
  })
  after(() => Promise.all([orbit.close(), postgres.close()]))

  test('they are those that PostgreSQL writes, but for the form of queries', () => {
    const names = ['alltypes', 'people', 'pets', 'tickets', 'heavy_kind', 'oops', 'sales.*']
    const definitions = (/** @type {SqlServer} */ server) =>
      dump(
        server,
        '--schema-only',
        ...names.flatMap((name) => ['-t', name]),
        '-T',
        'sales.expensive',
      ).replaceAll(server.user, 'owner')
    assert.equal(definitions(orbit), definitions(postgres))
  })

  test('the schema of the other models is no part of a dump', () => {
    assert.doesNotMatch(dump(orbit), /SCHEMA orbit|EXTENSION/)
  })

  test('pg_dumpall writes roles', () => {
    const globals = (/** @type {SqlServer} */ server) =>
      plain(run('pg_dumpall', ['--globals-only', '--database', server.url]))
        .replaceAll(server.user, 'owner')
        .replaceAll(/SCRAM-SHA-256\$[^']*/g, 'SCRAM-SHA-256')
    assert.equal(globals(orbit), globals(postgres))
  })

  test('what maintains tables runs, and what makes databases says that there is one', () => {
    for (const args of [['--analyze'], ['--analyze-in-stages'], ['--full'], ['--jobs', '2']])
      run('vacuumdb', ['--quiet', ...args, '--dbname', orbit.url])
    run('reindexdb', ['--quiet', '--dbname', orbit.url])
    const server = ['--host', '127.0.0.1', '--port', String(orbit.port), '--username', orbit.user]
    run('createuser', [...server, '--createdb', 'sam'])
    run('dropuser', [...server, 'sam'])
    run('pg_isready', server)
    for (const [name, message] of [
      ['createdb', 'CREATE DATABASE is not supported'],
      ['dropdb', 'DROP DATABASE is not supported'],
      ['clusterdb', 'CLUSTER is not supported'],
    ]) {
      const found = spawnSync(join(postgresPrograms() ?? '', name ?? ''), [...server, 'orbit'], {
        encoding: 'utf8',
      })
      assert.equal(found.status, 1)
      assert.ok(found.stderr.includes(`ERROR:  ${message}`), found.stderr)
    }
  })
})
