// How far a run is, on standard error: one line that is redrawn on a terminal, a line at a time elsewhere.
import type { Progress } from './suite.ts'

export interface ProgressLine extends Progress {
  /** Clears the line, so that what follows starts on a clean one. */
  end(): void
}

type Out = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'isTTY'>

/** Where nothing can be redrawn, a line every so many milliseconds is enough. */
const every = 10_000

export function progressOn(out: Out, suite: string, now: () => number = () => performance.now()): ProgressLine {
  const started = now()
  let last = Number.NEGATIVE_INFINITY
  const redraws = out.isTTY === true
  return {
    step(done, total, doing) {
      const passed = now() - started
      if (!redraws && now() - last < every) return
      last = now()
      const left = done === 0 ? '' : `, ${seconds((passed / done) * (total - done))} left`
      const line = `${suite} ${String(done).padStart(String(total).length)}/${total}${left}  ${doing}`
      if (redraws) out.write(`\r\u001b[2K${line.slice(0, (out.columns ?? 80) - 1)}`)
      else out.write(`${line}\n`)
    },
    end() {
      if (redraws) out.write('\r\u001b[2K')
    },
  }
}

function seconds(ms: number): string {
  const s = Math.max(1, Math.round(ms / 1000))
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`
}
