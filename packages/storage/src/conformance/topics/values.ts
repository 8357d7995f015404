import assert from 'node:assert/strict'
import { equalBytes } from '@orbit-ts/base'
import type { Fixture } from '../harness/conformance-suite.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, thrown } from '../harness/assertions.js'
import { bytes, contents } from '../harness/text.js'

const MEBIBYTE = 1_048_576

export function registerValues(suite: ConformanceSuite): void {
  for (const sizeBytes of [MEBIBYTE, 8 * MEBIBYTE]) {
    suite.test(`a value of ${sizeBytes / MEBIBYTE} MiB comes back as it was`, (fixture) =>
      roundTrip(fixture, sizeBytes),
    )
  }

  suite.test('every byte value comes back as it was', async ({ provider }) => {
    const value = Uint8Array.from({ length: 512 }, (_, index) => index % 256)
    await provider.transact(async (tx) => tx.put(bytes('a'), value))
    const found = await provider.transact((tx) => tx.get(bytes('a')))
    assert.ok(found !== undefined && equalBytes(found, value))
  })

  suite.test('a view into a larger buffer stores only what it shows', async ({ provider }) => {
    const memory = bytes('xxkeyyvaluezz')
    await provider.write([{ type: 'put', key: memory.subarray(2, 5), value: memory.subarray(6, 11) }])
    await using tx = await provider.begin()
    tx.put(memory.subarray(0, 1), new Uint8Array([1, 0x7a, 3]).subarray(1, 2))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['key=value', 'x=z'])
  })

  suite.test(
    'a value over the limit is refused where it is passed in',
    async ({ provider, capabilities }) => {
      // Above a gigabyte the value itself could not be made; such a limit is as good as none.
      if (capabilities.valueSizeMaxBytes >= 1024 * MEBIBYTE) return
      const value = new Uint8Array(capabilities.valueSizeMaxBytes + 1)
      await using tx = await provider.begin()
      tx.put(bytes('a'), bytes('1'))
      thrown(() => tx.put(bytes('b'), value), 'VALUE_TOO_LARGE')
      thrown(() => tx.insert(bytes('b'), value), 'VALUE_TOO_LARGE')
      await tx.commit()
      await failure(() => provider.write([{ type: 'put', key: bytes('b'), value }]), 'VALUE_TOO_LARGE')
      assert.deepEqual(await contents(provider), ['a=1'])
    },
  )
}

async function roundTrip({ provider, capabilities }: Fixture, sizeBytes: number): Promise<void> {
  const value = Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + (index >> 8)) & 0xff)
  if (sizeBytes > capabilities.valueSizeMaxBytes || sizeBytes >= capabilities.transactionSizeMaxBytes) {
    await failure(
      () => provider.transact(async (tx) => tx.put(bytes('a'), value)),
      'VALUE_TOO_LARGE',
      'TRANSACTION_TOO_LARGE',
    )
    return
  }
  await provider.transact(async (tx) => {
    tx.put(bytes('a'), value)
    tx.put(bytes('b'), bytes('small'))
  })
  await using tx = await provider.begin()
  const found = await tx.get(bytes('a'))
  assert.ok(found !== undefined && equalBytes(found, value), 'get')
  const lengths: number[] = []
  for await (const chunk of tx.scan({})) lengths.push(...chunk.map((entry) => entry.value.byteLength))
  assert.deepEqual(lengths, [sizeBytes, 5])
}
