// @ts-check
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseMarkdown } from './markdown.js'

const PAGE = [
  '# Orbit & `co`',
  'See [one](a.md), [two](b.md#x-y "title"), [three][ref], [ref] and `[code](none.md)`.',
  '',
  '## Same',
  '```ts',
  'const a = 1 // [not](a-link.md)',
  '# no heading',
  '```',
  '',
  '## Same',
  '~~~text',
  'out',
  '```',
  '~~~',
  'Here [storage/missing] and [x][gone] and [plain].',
  '',
  '[ref]: ../c.ts',
].join('\n')

describe('parseMarkdown', () => {
  const page = parseMarkdown(PAGE)

  it('finds fenced blocks with their heading', () => {
    assert.deepEqual(page.blocks, [
      { lang: 'ts', text: 'const a = 1 // [not](a-link.md)\n# no heading', line: 5, heading: 'same' },
      { lang: 'text', text: 'out\n```', line: 11, heading: 'same-1' },
    ])
  })

  it('names headings as GitHub does', () => {
    assert.deepEqual([...page.anchors], ['orbit--co', 'same', 'same-1'])
  })

  it('finds links of each form, not those in code', () => {
    assert.deepEqual(
      page.links.map(({ target, line }) => `${line} ${target}`),
      ['2 a.md', '2 b.md#x-y', '2 ../c.ts', '2 ../c.ts'],
    )
  })

  it('finds labels without a definition', () => {
    assert.deepEqual(
      page.undefinedLabels.map(({ target, line }) => `${line} ${target}`),
      ['15 storage/missing', '15 gone'],
    )
  })
})
