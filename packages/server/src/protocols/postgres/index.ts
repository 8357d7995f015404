export { PostgresServer, type PostgresServerOptions } from './postgres-server.js'
export { postgresSettings, type PostgresSettings } from './postgres-settings.js'
