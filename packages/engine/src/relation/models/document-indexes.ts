/**
 * The indexes of a collection, for conditions on paths of its documents. What SQL says of a path and what an index knows
 * differ a little, so each gives what may be meant, and the conditions are checked on it.
 */
import { fromUtf8 } from '@orbit-ts/base'
import { parseKey, type Entry } from '@orbit-ts/storage'
import { statusOf } from '../../catalog/index-status.js'
import { parsePath, pathOf } from '../../filter/path.js'
import { CollectionSession } from '../../models/document/collection-session.js'
import { collectionModel } from '../../models/document/collection-model.js'
import type { Document } from '../../models/document/collection.js'
import type { CollectionDefinition, IndexDefinition } from '../../models/document/collection-input.js'
import { OpenCollection } from '../../models/document/open-collection.js'
import { readMany } from '../../models/document/read-documents.js'
import type { ColumnId, Expression } from '../../plan/expression.js'
import { walkExpression } from '../../plan/expressions/each-argument.js'
import { expressionKey } from '../../plan/expressions/expression-key.js'
import { substitute } from '../../plan/expressions/substitute.js'
import { readRanges } from '../read-ranges.js'
import type { IndexRange, RelationContext } from '../relation.js'
import { documentPath, type PathForm } from './document-paths.js'
import { documentSlices } from './document-slices.js'
import type { IndexRead, ModelIndex } from './model-index.js'

/** Indexes made of one, of different forms of its first path. */
const FORMS_MAX = 8

/** An expression over ordinals that leads to a path. */
interface Use {
  readonly path: string
  readonly form: PathForm
  readonly expression: Expression
}

/** @param document the ordinal of the column */
export function documentIndexes(
  name: string,
  definition: CollectionDefinition,
  document: number,
): (
  conditions: readonly Expression[],
  ordinalOf: (column: ColumnId) => number | undefined,
) => ModelIndex<Document>[] {
  // Those with an entry for each element do not know the arrays themselves.
  const usable = definition.indexes
    .filter((index) => !index.multi && statusOf(definition, index.id) === undefined)
    // Of two that seem to be as good the unique one is better.
    .toSorted((a, b) => Number(b.unique) - Number(a.unique))
    .map((index) => ({ index, paths: index.paths.map((path) => parsePath(path).text) }))
  return (conditions, ordinalOf) => {
    if (usable.length === 0) return []
    const uses = usesIn(conditions, (column) => ordinalOf(column) === document, document)
    return usable.flatMap(({ index, paths }) =>
      keysOf(paths, uses).map((keys) => madeIndex(name, index, keys)),
    )
  }
}

/** The expressions in conditions that lead to paths of the document, each once. */
function usesIn(
  conditions: readonly Expression[],
  isDocumentColumn: (column: ColumnId) => boolean,
  ordinal: number,
): Use[] {
  const uses = new Map<string, Use>()
  const isDocument = (expression: Expression): boolean =>
    expression.kind === 'column' && isDocumentColumn(expression.column)
  for (const condition of conditions) {
    walkExpression(condition, (part) => {
      const found = documentPath(part, isDocument)
      if (found === undefined) return
      const key = expressionKey(part)
      if (!uses.has(key))
        uses.set(key, {
          path: pathOf(found.keys).text,
          form: found.form,
          expression: overOrdinal(part, ordinal),
        })
    })
  }
  return [...uses.values()]
}

/** It refers to no column but the document. */
function overOrdinal(expression: Expression, ordinal: number): Expression {
  const columns = new Map<ColumnId, Expression>()
  walkExpression(expression, (part) => {
    if (part.kind === 'column') columns.set(part.column, { ...part, column: ordinal })
  })
  return substitute(expression, columns)
}

/** For each form of the first path the leading paths that are used. */
function keysOf(paths: readonly string[], uses: readonly Use[]): Use[][] {
  const [first, ...others] = paths
  const rest: Use[] = []
  for (const path of others) {
    const use = uses.find((each) => each.path === path)
    if (use === undefined) break
    rest.push(use)
  }
  return uses
    .filter(({ path }) => path === first)
    .slice(0, FORMS_MAX)
    .map((use) => [use, ...rest])
}

function madeIndex(
  name: string,
  { id, name: shownAs }: IndexDefinition,
  keys: readonly Use[],
): ModelIndex<Document> {
  const forms = keys.map(({ form }) => form)
  return {
    index: {
      name: [shownAs, ...keys.map(({ expression }) => expressionKey(expression))].join(' '),
      shownAs,
      isPrimary: false,
      isUnique: false,
      nullsNotDistinct: false,
      isLossy: true,
      keys: keys.map(({ expression }) => ({ key: expression, isDescending: false, nullsFirst: false })),
      covers: [],
    },
    read: (context, ranges, options) => readDocuments(context, name, id, forms, ranges, options),
  }
}

async function* readDocuments(
  { models }: RelationContext,
  name: string,
  indexId: number,
  forms: readonly PathForm[],
  ranges: readonly IndexRange[],
  { signal, limit }: IndexRead,
): AsyncGenerator<readonly Document[]> {
  const collection = new OpenCollection(models, await models.object(collectionModel, name))
  const index = collection.indexes.find(({ id }) => id === indexId)
  const slices = index?.isReady === true ? documentSlices(collection.id, index, forms, ranges) : undefined
  if (slices === undefined) {
    yield* new CollectionSession(models, name).scan()
    return
  }
  for await (const entries of readRanges(models.storage, slices, { signal, reverse: false, limit })) {
    const found = await readMany(collection, entries.map(idOf))
    yield found.flatMap((read) => (read === undefined ? [] : [read.document as Document]))
  }
}

/** Entries of unique indexes name the document in their value, others at the end of their key. */
function idOf({ key, value }: Entry): string {
  if (value.length > 0) return fromUtf8(value)
  const parsed = parseKey(key)
  return parsed.model === 'document' ? (parsed.id ?? '') : ''
}
