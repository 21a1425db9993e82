// All that are tried.
import type { Backend } from './backend.ts'
import { ofConsul } from './consul.ts'
import { ofEtcd } from './etcd.ts'

export const backends: readonly Backend[] = [ofConsul, ofEtcd]
