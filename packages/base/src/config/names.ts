/** `blockCacheMb` → `block_cache_mb`; a name already in that form is unchanged, `-` becomes `_`. */
export function toSnake(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
}

/** `blockCacheMb` → `BLOCK_CACHE_MB`, as in the name of an environment variable. */
export function toUpperSnake(name: string): string {
  return toSnake(name).toUpperCase()
}

/** Lower case without `_`, `-` and blanks: `RocksDB`, `rocks_db` and `rocksdb` are the same choice. */
export function toLoose(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}
