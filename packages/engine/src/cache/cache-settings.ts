import { boolean, byteSize, duration, section, type SectionInput, type SectionValue } from '@orbit-ts/base'

/** `[cache]`. */
export const cacheSettings = section(
  {
    sizeBytes: byteSize({
      key: 'size',
      default: '256MiB',
      minBytes: 1024 * 1024,
      doc: 'What all caches of the database may take together: a quarter of it definitions, an eighth statistics, the rest vectors; where results of queries are kept, they take half of that rest.',
    }),
    queryResults: boolean({
      default: false,
      doc: 'Whether results of SELECT statements are kept and given again. They may then be as old as query_result_ttl when another server has written meanwhile.',
    }),
    queryResultTtlMs: duration({
      unit: 's',
      key: 'query_result_ttl',
      default: '1s',
      minMs: 1,
      maxMs: 24 * 3_600_000,
      doc: 'How old a result may be that is given again: what another server has committed is seen after this time at the latest.',
    }),
    queryResultSizeMaxBytes: byteSize({
      key: 'query_result_size_max',
      default: '1MiB',
      minBytes: 1024,
      doc: 'Larger results are not kept.',
    }),
    warmUp: boolean({
      default: false,
      doc: 'Whether the server reads definitions, statistics and the places of regions before it takes requests.',
    }),
  },
  { doc: 'What the database keeps in memory beside its store.' },
)

export type CacheSettings = SectionValue<typeof cacheSettings>
export type CacheSettingsInput = SectionInput<typeof cacheSettings>
