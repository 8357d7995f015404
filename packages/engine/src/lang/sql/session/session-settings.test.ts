import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SessionSettings, type SettingChange } from './session-settings.js'
import { searchPath, splitNames } from './search-path.js'

function make(initial: Record<string, string> = {}): { settings: SessionSettings; told: SettingChange[] } {
  const told: SettingChange[] = []
  return { told, settings: new SessionSettings({}, initial, (change) => told.push(change)) }
}

describe('settings', () => {
  test('have defaults, and names without regard to case', () => {
    const { settings } = make()
    assert.equal(settings.show('timezone'), 'UTC')
    assert.equal(settings.show('TimeZone'), 'UTC')
    assert.equal(settings.show('work_mem'), '64MB')
    assert.equal(settings.show('statement_timeout'), '0')
    assert.throws(() => settings.get('work_men'), {
      reason: 'unrecognized configuration parameter "work_men"',
      details: { sqlState: '42704', hint: 'Perhaps you meant "work_mem".' },
    })
  })

  test('take units, and are shown with the largest that fits', () => {
    const { settings } = make()
    for (const [name, given, shown] of [
      ['statement_timeout', '1500', '1500ms'],
      ['statement_timeout', '2min', '2min'],
      ['statement_timeout', '90s', '90s'],
      ['work_mem', '1GB', '1GB'],
      ['work_mem', '2048', '2MB'],
    ] as const) {
      settings.set(name, given, false)
      assert.equal(settings.show(name), shown)
    }
  })

  test('refuse values as PostgreSQL does', () => {
    const { settings } = make()
    for (const [name, value, message] of [
      ['enable_sort', 'perhaps', 'parameter "enable_sort" requires a Boolean value'],
      ['bytea_output', 'base64', 'invalid value for parameter "bytea_output": "base64"'],
      ['work_mem', '1', '1 kB is outside the valid range for parameter "work_mem" (64 .. 2147483647)'],
      ['work_mem', '1 parsec', 'invalid value for parameter "work_mem": "1 parsec"'],
      ['server_version', '9', 'parameter "server_version" cannot be changed'],
      ['max_connections', '9', 'parameter "max_connections" cannot be changed without restarting the server'],
      ['client_encoding', 'LATIN1', 'invalid value for parameter "client_encoding": "LATIN1"'],
    ] as const)
      assert.throws(() => settings.set(name, value, false), { reason: message })
    assert.equal(settings.get('work_mem'), '65536')
  })

  test('refuse what would give statements another meaning', () => {
    const { settings } = make()
    for (const [name, held, refused] of [
      ['standard_conforming_strings', 'on', 'off'],
      ['array_nulls', 'on', 'off'],
      ['transform_null_equals', 'off', 'on'],
    ] as const) {
      settings.set(name, held, false)
      assert.throws(() => settings.set(name, refused, false), {
        reason: `${name} = ${refused} is not supported`,
        details: { sqlState: '0A000' },
      })
      assert.equal(settings.show(name), held)
    }
  })

  test('of a namespace of their own may be anything', () => {
    const { settings } = make()
    settings.set('app.tenant', 'a b', false)
    assert.equal(settings.show('app.tenant'), 'a b')
    assert.throws(() => settings.get('app.other'))
  })

  test('a rollback undoes what was set, a commit keeps it', () => {
    const { settings, told } = make()
    settings.set('TimeZone', 'Asia/Tokyo', false)
    settings.end(true)
    settings.set('TimeZone', 'Europe/Paris', false)
    settings.set('DateStyle', 'German, DMY', true)
    settings.end(false)
    assert.equal(settings.get('TimeZone'), 'Asia/Tokyo')
    assert.equal(settings.get('DateStyle'), 'ISO, MDY')
    assert.deepEqual(told.slice(0, 2), [
      { name: 'TimeZone', value: 'Asia/Tokyo' },
      { name: 'TimeZone', value: 'Europe/Paris' },
    ])
    assert.deepEqual(told.at(-1), { name: 'DateStyle', value: 'ISO, MDY' })
  })

  test('SET LOCAL ends with the transaction, and a later SET takes its place', () => {
    const { settings } = make()
    settings.set('lock_timeout', '5s', true)
    assert.equal(settings.get('lock_timeout'), '5000')
    settings.end(true)
    assert.equal(settings.get('lock_timeout'), '0')
    settings.set('lock_timeout', '5s', true)
    settings.set('lock_timeout', '7s', false)
    settings.end(true)
    assert.equal(settings.get('lock_timeout'), '7000')
  })

  test('go back to a savepoint', () => {
    const { settings } = make()
    settings.set('TimeZone', 'Asia/Tokyo', false)
    const mark = settings.mark()
    settings.set('TimeZone', 'Europe/Paris', false)
    settings.set('DateStyle', 'SQL, DMY', true)
    settings.rollbackTo(mark)
    assert.equal(settings.get('TimeZone'), 'Asia/Tokyo')
    assert.equal(settings.get('DateStyle'), 'ISO, MDY')
  })

  test('RESET goes back to what the client began with', () => {
    const { settings } = make({ TimeZone: 'Asia/Tokyo' })
    settings.set('timezone', 'UTC', false)
    settings.set('timezone', undefined, false)
    assert.equal(settings.get('timezone'), 'Asia/Tokyo')
    settings.set('timezone', 'UTC', false)
    settings.resetAll()
    assert.equal(settings.get('timezone'), 'Asia/Tokyo')
  })
})

describe('search_path', () => {
  test('is split as a list of names', () => {
    assert.deepEqual(splitNames('"$user", public'), ['$user', 'public'])
    assert.deepEqual(splitNames('Sales,"My ""Schema"""'), ['sales', 'My "Schema"'])
    assert.deepEqual(splitNames(''), [])
    assert.throws(() => splitNames('a b'), { reason: 'invalid value for parameter "search_path": "a b"' })
  })

  test('leaves out what does not exist', () => {
    const exists = (name: string): boolean => name !== 'gone'
    assert.deepEqual(searchPath('"$user", gone, public, public', 'alice', exists), ['alice', 'public'])
  })
})
