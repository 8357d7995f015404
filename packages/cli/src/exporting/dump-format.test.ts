import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { hasCode, type ErrorCode } from '@orbit-ts/base'
import { MANIFEST, readManifest } from './dump-format.js'

const file = { kind: 'table', file: '0001-table-a.jsonl', records: 1 }
const object = { kind: 'table', name: 'a', input: { columns: {} }, files: [file] }

async function read(text: string | undefined): Promise<unknown> {
  const directory = await mkdtemp(join(tmpdir(), 'orbit-dump-'))
  try {
    if (text !== undefined) await writeFile(join(directory, MANIFEST), text)
    return await readManifest(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

it('reads a manifest', async () => {
  const manifest = { format: 1, objects: [object] }
  assert.deepEqual(await read(JSON.stringify(manifest)), manifest)
})

it('refuses what is none, and files that are elsewhere', async () => {
  const cases: readonly (readonly [text: string | undefined, code: ErrorCode])[] = [
    [undefined, 'INVALID_ARGUMENT'],
    ['', 'STORAGE_CORRUPT'],
    ['{"format":1}', 'STORAGE_CORRUPT'],
    ['{"format":2}', 'RECORD_VERSION_UNSUPPORTED'],
    ...['../a.jsonl', 'a/b.jsonl', 'a\\b.jsonl', '..', ''].map(
      (name) =>
        [
          JSON.stringify({ format: 1, objects: [{ ...object, files: [{ ...file, file: name }] }] }),
          'STORAGE_CORRUPT',
        ] as const,
    ),
    [JSON.stringify({ format: 1, objects: [{ ...object, kind: 'view' }] }), 'STORAGE_CORRUPT'],
    [
      JSON.stringify({ format: 1, objects: [{ ...object, files: [{ ...file, kind: 'x' }] }] }),
      'STORAGE_CORRUPT',
    ],
    [JSON.stringify({ format: 1, objects: [{ ...object, input: null }] }), 'STORAGE_CORRUPT'],
  ]
  for (const [text, code] of cases) {
    await assert.rejects(read(text), (error) => hasCode(error, code), text ?? 'none')
  }
})
