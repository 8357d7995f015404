import { boolean, duration, integer, oneOf, secret, section, string, type SectionValue } from '@orbit-ts/base'

/** `[postgres]`. */
export const postgresSettings = section(
  {
    enabled: boolean({ default: true, doc: 'Whether PostgreSQL clients are served.' }),
    host: string({
      default: '127.0.0.1',
      doc: 'The address to listen on. Another than loopback needs passwords or certificates; see auth.',
    }),
    port: integer({
      min: 0,
      max: 65_535,
      default: 5432,
      flag: 'postgres-port',
      doc: 'The port for PostgreSQL clients. 0: a free one.',
    }),
    auth: oneOf(['trust', 'scram-sha-256', 'cert'], {
      optional: true,
      doc: 'How clients show who they are. trust, the default on a loopback address and refused elsewhere: not at all, and a user without a role is the superuser. scram-sha-256, the default elsewhere: by the password of their role. cert: by a certificate signed by tls_ca_file whose common name is the user.',
    }),
    password: secret({
      optional: true,
      env: 'ORBIT_POSTGRES_PASSWORD',
      doc: 'The password of the superuser, "orbit", until ALTER ROLE sets another. Required by scram-sha-256 as long as no role has one.',
    }),
    tlsCertFile: string({
      optional: true,
      doc: 'The certificate chain of the server, PEM. Clients may use TLS then.',
    }),
    tlsKeyFile: string({ optional: true, doc: 'The private key of the certificate, PEM.' }),
    tlsCaFile: string({ optional: true, doc: 'The certificates that sign those of clients, PEM.' }),
    tlsRequired: boolean({ default: false, doc: 'Clients without TLS are refused.' }),
    connectionsMax: integer({
      min: 1,
      max: 100_000,
      default: 100,
      doc: 'Clients connected at once; further ones are refused with "too many clients already".',
    }),
    messageSizeMaxMb: integer({
      min: 1,
      max: 1024,
      unit: 'MiB',
      default: 64,
      doc: 'The largest message of a client; a larger one ends its connection.',
    }),
    authTimeoutMs: duration({
      unit: 's',
      key: 'authentication_timeout',
      default: '60s',
      minMs: 1,
      maxMs: 3_600_000,
      doc: 'How long a client may take to show who it is.',
    }),
    workMemoryMb: integer({
      min: 1,
      max: 1_048_576,
      unit: 'MiB',
      key: 'work_mem',
      default: 64,
      doc: 'What the operators of one statement may hold in memory before they use disk. Sessions may SET work_mem.',
    }),
    spillSizeMaxMb: integer({
      min: 1,
      max: 16_777_216,
      unit: 'MiB',
      default: 10_240,
      doc: 'What one statement may put on disk meanwhile.',
    }),
  },
  {
    doc: 'The server for PostgreSQL clients.',
    check: ({ tlsCertFile, tlsKeyFile, tlsCaFile, tlsRequired, auth }) => {
      if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined))
        return 'tls_cert_file and tls_key_file go together'
      if (tlsRequired && tlsCertFile === undefined) return 'tls_required needs tls_cert_file and tls_key_file'
      if (auth === 'cert' && (tlsCaFile === undefined || tlsCertFile === undefined))
        return 'auth = "cert" needs tls_ca_file, tls_cert_file and tls_key_file'
      return undefined
    },
  },
)

export type PostgresSettings = SectionValue<typeof postgresSettings>
