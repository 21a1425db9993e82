// Keeps a process on one core, where the system can (taskset, of util-linux).
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

let able: boolean | undefined

/** Can processes be kept on cores here, and are there two? */
export function pins(): boolean {
  able ??= availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' }).status === 0
  return able
}

/** What `fork` needs for a process of Node that stays on this core. */
export const pinned = (
  core: number | undefined,
  flags: readonly string[],
): { readonly execPath: string; readonly execArgv: string[] } =>
  core === undefined || !pins()
    ? { execPath: process.execPath, execArgv: [...flags] }
    : { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath, ...flags] }
