import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, readlink, rm, stat, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Place, type Ended, type Running } from '../orbit-process.test.data.js'

const MEND =
  'Mend the line and run the command again with --resume, or leave bad lines out with --on-error skip.\n'

/** Where `t` has two rows. */
function withTable(work: (place: Place) => Promise<void>): Promise<void> {
  return Place.with(async (place) => {
    await place.file('ok.csv', 'id,n\n1,a\n2,b\n')
    await succeeds(place, 'import', 'table', 't', 'ok.csv', '--create', '--primary-key', 'id')
    await work(place)
  })
}

async function succeeds(place: Place, ...args: readonly string[]): Promise<Ended> {
  const ended = await place.run(args)
  assert.equal(ended.code, 0, ended.stderr)
  return ended
}

async function fails(place: Place, args: readonly string[], message: string | RegExp): Promise<void> {
  const { code, stdout, stderr } = await place.run(args)
  assert.deepEqual([code, stdout], [1, ''], args.join(' '))
  if (typeof message === 'string') assert.equal(stderr, `orbit: ${message}`)
  else assert.match(stderr, message)
}

const rows = async (place: Place): Promise<string> =>
  (await succeeds(place, 'export', 'table', 't', '--format', 'csv')).stdout

const UNCHANGED = 'id,n\n1,a\n2,b\n'

/** What a process writes into a pipe once somebody reads it. */
function feed(place: Place, pipe: string, text: string): void {
  execFileSync('sh', ['-c', 'printf %s "$1" > "$2" &', 'sh', text, join(place.path, pipe)], {
    stdio: 'ignore',
  })
}

describe('an import', () => {
  it('says what is wrong with a line and where, and stores nothing of it', () =>
    withTable(async (place) => {
      const nest = '['.repeat(100_000) + ']'.repeat(100_000)
      const cases: readonly (readonly [name: string, content: string | Buffer, message: string])[] = [
        [
          'nul.csv',
          'id,n\n7,a\0b\n',
          'nul.csv:2: TYPE_MISMATCH: table "t": column "n": "a\\u0000b" is not well-formed Unicode text without the character U+0000',
        ],
        [
          'latin.csv',
          Buffer.from('id,n\n7,caf\xe9\n', 'latin1'),
          'latin.csv:2: column "n": the text is not valid UTF-8',
        ],
        [
          'latin.jsonl',
          Buffer.from('{"id":7,"n":"\xe9"}\n', 'latin1'),
          'latin.jsonl:1: the line is not valid UTF-8',
        ],
        [
          'deep.jsonl',
          `{"id":7,"n":${nest}}\n`,
          'deep.jsonl:1: TYPE_MISMATCH: table "t": column "n": an array of 1 is not text',
        ],
        [
          'huge.jsonl',
          '{"id":1e400,"n":"x"}\n',
          'huge.jsonl:1: TYPE_MISMATCH: table "t": column "id": Infinity is not a 64-bit integer: a bigint, a safe integer or its digits as text',
        ],
        [
          'quote.csv',
          Buffer.concat([Buffer.from('id,n\n7,"'), Buffer.alloc(34_000_000, 'x')]),
          'quote.csv:2: column "n": the record is longer than 32 MiB; perhaps a quote is never closed',
        ],
      ]
      for (const [name, content, message] of cases) {
        await place.file(name, content)
        await fails(
          place,
          ['import', 'table', 't', name],
          `IMPORT_FAILED: ${message}\nNothing is stored. ${MEND}`,
        )
      }
      await place.file('long.jsonl', Buffer.alloc(34_000_000, 'x'))
      await fails(
        place,
        ['import', 'table', 't', 'long.jsonl', '--on-error', 'skip'],
        'IMPORT_FAILED: long.jsonl:1: LIMIT_EXCEEDED: the line is longer than 32 MiB\nNothing is stored. It cannot be left out. Mend the line and run the command again with --resume.\n',
      )
      assert.equal(await rows(place), UNCHANGED)
    }))

  it('refuses what is no file', { skip: process.platform === 'win32' }, () =>
    withTable(async (place) => {
      await mkdir(join(place.path, 'folder.csv'))
      await symlink('none.csv', join(place.path, 'dangling.csv'))
      await symlink('loop.csv', join(place.path, 'loop.csv'))
      const listener = createServer()
      await new Promise<void>((resolve) => listener.listen(join(place.path, 'socket.csv'), resolve))
      const into = (file: string): string[] => ['import', 'table', 't', file]
      await fails(place, into('folder.csv'), 'INVALID_ARGUMENT: folder.csv is a directory, not a file\n')
      await fails(place, into('dangling.csv'), 'INVALID_ARGUMENT: there is no file dangling.csv\n')
      await fails(place, into('loop.csv'), /^orbit: STORAGE_IO: loop\.csv cannot be read: ELOOP/)
      await fails(place, into('socket.csv'), /^orbit: STORAGE_IO: socket\.csv cannot be read: ENXIO/)
      await new Promise((resolve) => listener.close(resolve))
      assert.equal(await rows(place), UNCHANGED)
    }),
  )

  it('reads a pipe as it reads standard input', { skip: process.platform === 'win32' }, () =>
    withTable(async (place) => {
      execFileSync('mkfifo', [join(place.path, 'pipe.csv')])
      feed(place, 'pipe.csv', 'id,n\n3,c\n')
      const first = await succeeds(place, 'import', 'table', 't', 'pipe.csv')
      assert.equal(first.stdout, 'pipe.csv: 1 record imported into table "t"\n')
      feed(place, 'pipe.csv', 'id,n\n3,c\n4,d\n')
      const second = await succeeds(place, 'import', 'table', 't', 'pipe.csv', '--resume')
      assert.equal(second.stdout, 'pipe.csv: 1 record imported into table "t", after 1 record before\n')
      assert.equal(await rows(place), `${UNCHANGED}3,c\n4,d\n`)
    }),
  )

  it('of a whole database makes nothing when a file is missing', () =>
    withTable(async (place) => {
      await succeeds(place, 'export', '--all', 'dump')
      await rm(join(place.path, 'dump', '0001-table-t.jsonl'))
      await fails(
        place,
        ['import', '--all', 'dump', '--data-dir', 'copy'],
        `INVALID_ARGUMENT: there is no file ${join('dump', '0001-table-t.jsonl')}\n`,
      )
      assert.deepEqual((await readdir(place.path)).sort(), ['data', 'dump', 'ok.csv'])
    }))
})

describe('an export', { skip: process.platform === 'win32' }, () => {
  it('replaces the file that a link names, and keeps who may read it', () =>
    withTable(async (place) => {
      await place.file('real.csv', 'before')
      await chmod(join(place.path, 'real.csv'), 0o600)
      await symlink('real.csv', join(place.path, 'link.csv'))
      await symlink('new.csv', join(place.path, 'dangling.csv'))
      for (const link of ['link.csv', 'dangling.csv']) {
        await succeeds(place, 'export', 'table', 't', '--output', link)
      }
      assert.equal(await readlink(join(place.path, 'link.csv')), 'real.csv')
      assert.equal(await place.read('real.csv'), UNCHANGED)
      assert.equal(await place.read('new.csv'), await place.read('real.csv'))
      assert.equal((await stat(join(place.path, 'real.csv'))).mode & 0o777, 0o600)
    }))

  it('writes into a pipe, and leaves it there', () =>
    withTable(async (place) => {
      const pipe = join(place.path, 'pipe.csv')
      execFileSync('mkfifo', [pipe])
      const running: Running = place.start(['export', 'table', 't', '--output', 'pipe.csv'])
      assert.equal(await readFile(pipe, 'utf8'), UNCHANGED)
      assert.equal((await running.ended).code, 0)
      assert.equal((await stat(pipe)).isFIFO(), true)
    }))

  it('says what is wrong with the place that it is to write to', () =>
    withTable(async (place) => {
      const at = (name: string): string => join(place.path, name)
      await mkdir(at('folder'))
      await symlink('loop', at('loop'))
      const to = (path: string): string[] => ['export', 'table', 't', '--format', 'csv', '--output', path]
      await fails(place, to('folder'), 'INVALID_ARGUMENT: folder is a directory, not a file\n')
      await fails(
        place,
        to('none/x.csv'),
        `STORAGE_IO: ${at('none/x.csv')} cannot be written: there is no directory ${at('none')}\n`,
      )
      await fails(
        place,
        to('loop'),
        `STORAGE_IO: ${at('loop')} cannot be written: there are too many symbolic links\n`,
      )
      await fails(place, to('ok.csv/x'), /^orbit: STORAGE_IO: .* cannot be written: ENOTDIR/)
      const all = (path: string): string[] => ['export', '--all', path]
      await fails(place, all('ok.csv'), `INVALID_ARGUMENT: ${at('ok.csv')} is a file, not a directory\n`)
      await fails(place, all('loop'), /too many symbolic links/)
      await fails(place, all('ok.csv/x'), /^orbit: (?:STORAGE_IO|INVALID_ARGUMENT): /)
      assert.deepEqual((await readdir(place.path)).sort(), ['data', 'folder', 'loop', 'ok.csv'])
    }))

  it('of a whole database is for this user only', () =>
    withTable(async (place) => {
      await succeeds(place, 'export', '--all', 'a/b/dump')
      assert.equal((await stat(join(place.path, 'a/b/dump'))).mode & 0o777, 0o700)
    }))
})
