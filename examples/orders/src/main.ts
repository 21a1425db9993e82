// What `npm start` runs: the shop for some seconds, on a screen, then a summary.
import { Unable } from '@tenon/example-command'
import { BadOption, help, type Options, optionsOf } from './options.ts'

async function main({ json, ...options }: Options): Promise<void> {
  // Loaded when they are needed: a mistake on the command line is told at once.
  const [{ run }, { openShop }, { told }, { screen }] = await Promise.all([
    import('@tenon/app'),
    import('./shop.ts'),
    import('./summary.ts'),
    import('./view.ts'),
  ])
  // With --json, standard output is for the summary alone.
  const to = json ? process.stderr : process.stdout
  // A log tells what happens when it does; on a terminal the picture shows the last of it.
  await using shop = await openShop({ json, ...options }, (text) => !to.isTTY && to.write(`${text}\n`))
  using view = screen(to)
  let introduced = false
  const draw = (last = false): void => {
    const picture = shop.picture()
    if (!to.isTTY && !introduced) {
      introduced = true
      for (const url of picture.urls) to.write(`${url}\n`)
    }
    // A log has nothing to say before a second has been counted.
    if (to.isTTY || last || picture.tally.ticks > 0) view.draw(picture)
  }
  const drawing = setInterval(() => draw(), to.isTTY ? 250 : 1_000)
  try {
    await run({ name: 'shop', services: shop.services, drain: { propagation: 200, inFlight: 10_000 } })
  } finally {
    clearInterval(drawing)
  }
  draw(true)
  const summary = shop.summary()
  if (json) process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`)
  else process.stdout.write(told(summary))
  if (!summary.books.balanced) process.exitCode = 1
}

try {
  const options = optionsOf(process.argv.slice(2))
  if (options === undefined) process.stdout.write(help)
  else await main(options)
} catch (cause) {
  process.stderr.write(`${told(cause)}\n`)
  process.exitCode = cause instanceof BadOption ? 2 : 1
}

function told(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // A stack is for what nobody thought of.
  const expected = cause instanceof BadOption || cause instanceof Unable || cause.name === 'RunError'
  return expected ? cause.message : String(cause.stack)
}
