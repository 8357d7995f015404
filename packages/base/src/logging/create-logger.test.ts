import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { Secret } from '../config/secret.js'
import { TestEnv } from '../env/test-env.js'
import { OrbitError } from '../errors/orbit-error.js'
import { createLogger, type LoggerOptions } from './create-logger.js'
import { silentLogger, type Logger } from './logger.js'

const START = '2023-11-14T22:13:20.000Z'

function logged(options: Partial<LoggerOptions>, use: (logger: Logger) => void): string[] {
  const lines: string[] = []
  const destination = { write: (line: string) => lines.push(line) }
  use(createLogger({ level: 'info', env: new TestEnv(), destination, ...options }))
  return lines
}

const parsed = (lines: string[]): unknown[] => lines.map((line): unknown => JSON.parse(line))

describe('createLogger', () => {
  it('writes one JSON object a line, from its level up', () => {
    const lines = logged({}, (logger) => {
      logger.debug('unseen')
      logger.info('started')
      logger.warn({ port: 8080 }, 'busy')
      assert.equal(logger.isLevelEnabled('debug'), false)
    })
    assert.deepEqual(lines, [
      `{"level":"info","time":"${START}","msg":"started"}\n`,
      `{"level":"warn","time":"${START}","port":8080,"msg":"busy"}\n`,
    ])
  })

  it('masks secrets in fields, in children and in errors', () => {
    const lines = logged({}, (logger) => {
      const child = logger.child({ provider: 's3', secretAccessKey: 'hunter2' })
      child.child({ token: 'hunter2' }).debug('unseen')
      child.child({ token: 'hunter2' }).info('nested')
      child.info({ headers: { Authorization: 'hunter2' }, key: new Secret('hunter2') }, 'request')
      child.error({ err: new OrbitError('STORAGE_IO', 'disk', { auth: { password: 'hunter2' } }) })
    })
    assert.ok(!lines.join('').includes('hunter2'), lines.join(''))
    const [inner, request, failed] = parsed(lines)
    assert.deepEqual(inner, {
      level: 'info',
      time: START,
      provider: 's3',
      secretAccessKey: '***',
      token: '***',
      msg: 'nested',
    })
    assert.deepEqual(request, {
      level: 'info',
      time: START,
      provider: 's3',
      secretAccessKey: '***',
      headers: { Authorization: '***' },
      key: '***',
      msg: 'request',
    })
    const { err, msg } = failed as { err: Record<string, unknown>; msg: string }
    assert.equal(msg, 'STORAGE_IO: disk')
    assert.equal(err['code'], 'STORAGE_IO')
    assert.equal(err['message'], 'STORAGE_IO: disk')
    assert.deepEqual(err['details'], { auth: { password: '***' } })
    assert.match(String(err['stack']), /create-logger\.test/)
  })

  it('writes what is no error under err as it is', () => {
    assert.deepEqual(parsed(logged({}, (logger) => logger.info({ err: 'odd' }, 'm'))), [
      { level: 'info', time: START, err: 'odd', msg: 'm' },
    ])
  })

  it('writes nothing when silent', () => {
    assert.deepEqual(
      logged({ level: 'silent' }, (logger) => logger.fatal('x')),
      [],
    )
  })

  it('writes lines for people when pretty', () => {
    const lines = logged({ pretty: true }, (logger) => {
      logger.info({ port: 8080, token: 'hunter2', name: 'a b' }, 'started')
      logger.error({ err: Object.assign(new Error('boom'), { stack: 'Error: boom\n    at here' }) })
    })
    assert.deepEqual(lines, [
      '22:13:20.000 INFO  started port=8080 token=*** name="a b"\n',
      '22:13:20.000 ERROR boom\n    Error: boom\n        at here\n',
    ])
  })
})

it('a pino logger is a Logger', () => {
  const lines: string[] = []
  const logger: Logger = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) })
  logger.child({ a: 1 }).info('x')
  assert.deepEqual(parsed(lines), [{ level: 30, a: 1, msg: 'x' }])
})

it('silentLogger logs nothing, and its children neither', () => {
  silentLogger.error({ err: new Error('x') }, 'y')
  assert.equal(silentLogger.child({}), silentLogger)
  assert.equal(silentLogger.isLevelEnabled('fatal'), false)
})
