// What one sees: a few lines that are drawn again while the shop runs, or a line a second where there is no terminal.
import { stripVTControlCharacters, styleText } from 'node:util'
import type { Member } from './fleet.ts'
import type { State } from './restartable.ts'
import type { Tally } from './tally.ts'

/** One inventory instance at the moment. */
export interface InstanceLine {
  readonly name: string
  readonly address: string
  readonly state: Member['state']
  readonly breaker: string
  readonly inFlight: number
  readonly calls: number
  readonly failed: number
}

export interface Picture {
  readonly elapsed: number
  readonly duration: number
  readonly tally: Tally
  readonly instances: readonly InstanceLine[]
  readonly others: {
    readonly payments: State
    readonly mailer: State
    /** Orders that the mailer heard of. */
    readonly announced: number
    /** Orders that wait to be undone. */
    readonly undoing: number
  }
  /** Attempts that retry made beyond the first. */
  readonly retries: number
  /** The last things that happened, oldest first. */
  readonly events: readonly string[]
  readonly urls: readonly string[]
}

type Style = Parameters<typeof styleText>[0]

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length))
const outcomes = ({ byOutcome }: Tally): string =>
  [...byOutcome]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => `${name} ${count}`)
    .join('   ')

const stateStyle: Readonly<Record<InstanceLine['state'], Style>> = {
  up: 'green',
  flaky: 'yellow',
  draining: 'cyan',
  killed: 'red',
  gone: 'gray',
}
const breakerStyle: Readonly<Record<string, Style>> = { closed: 'green', open: 'red', halfOpen: 'yellow' }

/** The picture as lines. `colour`: whether the terminal shows it. */
export function lines(
  { elapsed, duration, tally, instances, others, retries, events, urls }: Picture,
  colour: boolean,
): readonly string[] {
  const paint = (style: Style | undefined, text: string): string =>
    colour && style !== undefined ? styleText(style, text, { validateStream: false }) : text
  const done = Math.min(1, elapsed / duration)
  const bar = '█'.repeat(Math.round(done * 24)).padEnd(24, '░')
  return [
    `${paint('bold', 'orders')} ${bar} ${(elapsed / 1_000).toFixed(0)} of ${(duration / 1_000).toFixed(0)} s`,
    ...urls.map((url) => paint('gray', url)),
    '',
    `${paint('bold', String(tally.rate).padStart(5))} orders/s   p50 ${ms(tally.recent.p50)}   p99 ${ms(tally.recent.p99)}   retries ${retries}`,
    `      ${outcomes(tally)}`,
    '',
    paint(
      'gray',
      `${pad('inventory', 13)}${pad('address', 18)}${pad('instance', 11)}${pad('breaker', 11)}${'in flight'.padStart(9)}${'calls'.padStart(9)}${'failed'.padStart(9)}`,
    ),
    ...instances.map((i) =>
      [
        pad(i.name, 13),
        pad(i.address, 18),
        pad(paint(stateStyle[i.state], i.state), 11),
        pad(paint(breakerStyle[i.breaker], i.breaker), 11),
        String(i.inFlight).padStart(9),
        String(i.calls).padStart(9),
        String(i.failed).padStart(9),
      ].join(''),
    ),
    '',
    `${pad('payments', 13)}${paint(stateStyle[others.payments], pad(others.payments, 11))}${pad('mailer', 9)}${paint(stateStyle[others.mailer], pad(others.mailer, 11))}` +
      `${others.announced} announced   ${others.undoing} to undo`,
    '',
    ...events,
  ]
}

/** The picture as one line, for logs. */
export const oneLine = ({ elapsed, tally, instances, retries }: Picture): string =>
  `${(elapsed / 1_000).toFixed(0).padStart(3)} s  ${tally.rate} orders/s  p50 ${ms(tally.recent.p50)}  p99 ${ms(tally.recent.p99)}  retries ${retries}  ` +
  `${outcomes(tally)}  |  ${instances.map((i) => `${i.name} ${i.state}/${i.breaker}`).join('  ')}`

/** Draws pictures on a terminal, each over the last; elsewhere a line for each. Dispose it to give the cursor back. */
export function screen(to: NodeJS.WriteStream): { draw(picture: Picture): void } & Disposable {
  if (!to.isTTY) return { draw: (picture) => void to.write(`${oneLine(picture)}\n`), [Symbol.dispose]: () => {} }
  const colour = to.hasColors()
  let drawn = 0
  to.write('\x1b[?25l')
  return {
    draw(picture) {
      const width = Math.max(20, to.columns)
      // A line that wraps would be two, and the next picture would be drawn over the wrong ones.
      const fit = (line: string): string =>
        stripVTControlCharacters(line).length <= width ? line : stripVTControlCharacters(line).slice(0, width)
      const text = lines(picture, colour)
        .slice(0, Math.max(4, to.rows - 1))
        .map((line) => `\x1b[2K${fit(line)}\n`)
      to.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${text.join('')}\x1b[J`)
      drawn = text.length
    },
    [Symbol.dispose]: () => void to.write('\x1b[?25h'),
  }
}
