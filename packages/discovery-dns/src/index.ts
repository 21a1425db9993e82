// Instances from DNS. Everything public is named here. There is no registrar: who writes a zone is not who is in it.
export { DnsError } from './dns-error.ts'
export type { AddressInstancerOptions, DnsInstancerOptions, Family, SrvInstancerOptions } from './instancer.ts'
export { type DnsRegistry, type DnsRegistryOptions, dnsRegistry, type RefreshOptions } from './registry.ts'
export type { SrvInstance } from './srv.ts'
