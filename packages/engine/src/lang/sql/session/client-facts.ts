/** How a client has come, as `pg_stat_activity`, `pg_stat_ssl` and the `inet_…` functions show it. */
export interface ClientFacts {
  /** Left out: not over a network. */
  readonly address?: string
  readonly port?: number
  readonly serverAddress?: string
  readonly serverPort?: number
  /** Left out: not encrypted. */
  readonly tls?: ClientTls
}

export interface ClientTls {
  /** `TLSv1.3` */
  readonly version: string
  readonly cipher: string
  readonly bits: number
  /** Of the client's certificate, where it gave one: subject, serial number in decimal digits, issuer. */
  readonly clientName?: string
  readonly serial?: string
  readonly issuer?: string
}
