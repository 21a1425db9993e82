// The machine that a figure was measured on: without it a figure says little.
import { cpus, release, type } from 'node:os'
import type { Machine } from './report.ts'

export function machine(): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    node: process.versions.node,
    os: `${type()} ${release()} ${process.arch}`,
  }
}
