/** What a database may be configured with, without the database. */
export { cacheSettings, type CacheSettings, type CacheSettingsInput } from './cache/cache-settings.js'
