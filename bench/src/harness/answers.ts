// The child's side of `isolated`: answers each task, and ends when its parent is gone.
import type { Answer } from './isolated.ts'

/** Works for the parent that started this process. */
export function answers<T, V>(work: (task: T) => Promise<V>): void {
  // Ctrl-C reaches the whole group of processes; the parent decides when this one ends.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit(1))
  process.on('message', async (task: T) => {
    let answer: Answer<V>
    try {
      answer = { value: await work(task) }
    } catch (cause) {
      answer = { wrong: cause instanceof Error ? cause.message : String(cause) }
    }
    process.send?.(answer)
  })
}
