// The registries of the suite. Another one is a file like theirs, and a name here.
import { consul } from './consul.ts'
import { etcd } from './etcd.ts'
import type { Registry } from './registry.ts'

export const registries: readonly Registry[] = [consul, etcd]
