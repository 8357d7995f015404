import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { requireFreePorts } from './free-ports.js'

test('a port that is taken is named with the option that changes it', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  // A server that listens on a port has an address of this form.
  const { port } = other.address() as AddressInfo
  const servers = { what: 'PostgreSQL clients', option: '--postgres-port' }
  await requireFreePorts([{ ...servers, first: 0, count: 2 }])
  for (const [first, count] of [
    [port, 1],
    [port - 1, 2],
  ] as const) {
    await assert.rejects(requireFreePorts([{ ...servers, first, count }]), (error: Error) => {
      assert.match(
        error.message,
        /^CONFIG_INVALID: port \d+, for PostgreSQL clients, is taken by another program; /,
      )
      assert.match(error.message, /; choose another with --postgres-port, 0 for one that is free$/)
      return true
    })
  }
  other.close()
  await once(other, 'close')
  await requireFreePorts([{ ...servers, first: port, count: 1 }])
})

test('ports beyond the last one are refused', async () => {
  await assert.rejects(requireFreePorts([{ what: 'PD', option: '--pd-port', first: 65_535, count: 2 }]), {
    message: 'INVALID_ARGUMENT: --pd-port: 2 ports from 65535 on go beyond 65535; give a lower one',
  })
})
