// Instances from DNS. Everything public is named here. There is no registrar: who writes a zone is not who is in it.

export { type DnsOptions, type DnsRegistry, dns, type RefreshOptions } from './dns.ts'
export { DnsError } from './dns-error.ts'
export type { AddressInstancerOptions, DnsInstancerOptions, Family, SrvInstancerOptions } from './instancer.ts'
export type { SrvInstance } from './srv.ts'
