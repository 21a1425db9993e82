// Whether a registry can be started here, and what is said where it cannot.
import { runs } from '@tenon/example-command'

export type Registry = 'consul' | 'etcd'

const packages: Readonly<Record<Registry, string>> = {
  consul: 'consul, of bullseye',
  etcd: 'etcd-server',
}

/** Why it cannot be started here; `undefined` where it can. */
export function missing(registry: Registry): string | undefined {
  // Elsewhere there is one loopback address, and ports are taken by whoever comes first.
  if (process.platform !== 'linux') return `${registry} is started on Linux only`
  return runs(registry) ? undefined : `${registry} is not on PATH (Debian: the package ${packages[registry]})`
}

const told = new Set<Registry>()

/** For tests: is it here? Where it is not that is said once, and is an error in CI. */
export function needs(registry: Registry): boolean {
  const why = missing(registry)
  if (why === undefined) return true
  if (process.env.CI) throw new Error(why)
  if (!told.has(registry)) console.error(`${why}: the tests of ${registry} are skipped`)
  told.add(registry)
  return false
}
