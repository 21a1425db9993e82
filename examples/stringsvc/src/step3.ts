// Step 3: one method of the service is done elsewhere, and nobody who calls it can tell.
//
// With `--proxy http://10.0.0.7:8080,http://10.0.0.8:8080` each call of `uppercase` goes to one of these instances (of
// any step, or of Go kit's stringsvc), through, from the outside in:
//
//   timeout       a second for all of it
//   retry         a failed attempt is made again, at another instance
//   balancer      the instances in turn
//   discovery     here a list that does not change; a registry would do as well
//   breaker       of each instance: one that keeps failing is left alone for a while
//   timeout       300 ms for one attempt
//   client        the request itself
//
// It is all in `proxying.ts`. The layers of step 2 stay as they are.
import { run } from '@tenon/app'
import { mapMethods } from '@tenon/endpoint'
import { command, Mistake, type Option, port } from '@tenon/example-command'
import { metrics } from '@tenon/metrics'
import { endpoints } from './endpoints.ts'
import { instrumented } from './instrumenting.ts'
import { logging } from './logging.ts'
import { proxying } from './proxying.ts'
import { serve } from './transport.ts'

const proxy: Option<readonly string[]> = {
  usual: '',
  takes: 'URL,URL',
  is: 'the instances that do uppercase; without it, it is done here',
  read(text) {
    const urls = text.split(',').filter((url) => url !== '')
    const wrong = urls.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    if (wrong !== undefined) throw new Mistake(`--proxy takes URLs such as http://127.0.0.1:8081, and not "${wrong}"`)
    return urls.map((url) => url.replace(/\/$/, ''))
  },
}

await command('stringsvc, step 3: proxying.', { port: port(8080), proxy }, async ({ port, proxy }) => {
  const measured = metrics()
  // What retries, breakers and discovery report becomes metrics too.
  using _ = measured.listen()
  await using elsewhere = proxy.length === 0 ? undefined : proxying(proxy)
  const { uppercase, count } = endpoints
  const all = { uppercase: elsewhere?.uppercase ?? uppercase, count }
  const server = await serve(instrumented(mapMethods(all, logging(console.log)), measured), measured, port)
  console.log(`stringsvc listens at ${server.url}${proxy.map((url) => `\n  uppercase at ${url}`).join('')}`)
  await run({ name: 'stringsvc', services: [server], drain: { propagation: 0 } })
})
