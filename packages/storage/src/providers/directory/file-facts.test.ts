import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { collectFileFacts, isFileFacts, verifyFileFacts, type FileFacts } from './file-facts.js'

describe('file facts', () => {
  let path = ''
  before(async () => void (path = await mkdtemp(join(tmpdir(), 'orbit-facts-'))))
  after(() => rm(path, { recursive: true, force: true }))

  const write = async (): Promise<FileFacts> => {
    await writeFile(join(path, 'a.sst'), 'aaaa')
    await writeFile(join(path, 'b.log'), '123456789')
    await writeFile(join(path, 'LOG'), 'ignored')
    return collectFileFacts(path, (name) =>
      name === 'LOG' ? 'ignore' : name.endsWith('.sst') ? 'size' : 'content',
    )
  }
  const refused = (facts: FileFacts, text: RegExp): Promise<void> =>
    assert.rejects(verifyFileFacts(path, facts), (error: unknown) => {
      assert.ok(hasCode(error, 'STORAGE_CORRUPT'))
      assert.match(error.message, text)
      return true
    })

  it('records sizes and checksums, and accepts the same files again', async () => {
    const facts = await write()
    assert.deepEqual(facts, { 'a.sst': { sizeBytes: 4 }, 'b.log': { sizeBytes: 9, crc32c: 0xe3069283 } })
    assert.equal(isFileFacts(JSON.parse(JSON.stringify(facts))), true)
    assert.equal(isFileFacts({ a: 1 }), false)
    await writeFile(join(path, 'LOG'), 'changed')
    await verifyFileFacts(path, facts)
  })

  it('names the file that is missing, shorter, longer or different', async () => {
    const facts = await write()
    await truncate(join(path, 'a.sst'), 2)
    await refused(facts, /a\.sst has 2 bytes instead of 4/)
    await write()
    await appendFile(join(path, 'b.log'), 'x')
    await refused(facts, /b\.log has 10 bytes instead of 9/)
    await writeFile(join(path, 'b.log'), '12345678x')
    await refused(facts, /b\.log has other content/)
    await rm(join(path, 'b.log'))
    await refused(facts, /b\.log is missing/)
  })
})
