// What `npm run example -- gateway` runs: an edge that finds the services behind it in Consul.
import { run } from '@tenon/app'
import { consul } from '@tenon/discovery-consul'
import { command, Mistake, type Option, port } from '@tenon/example-command'
import { consulServer } from '@tenon/example-registries'
import { metrics } from '@tenon/metrics'
import { clients } from './clients.ts'
import { serve } from './gateway.ts'
import { services } from './services.ts'

const consulUrl: Option<string> = {
  usual: '',
  takes: 'URL',
  is: 'the Consul where services are found; without it one is started, and services with it',
  read(text) {
    if (text === '' || /^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
    throw new Mistake(`takes a URL such as http://127.0.0.1:8500, and not "${text}"`)
  },
}

const options = { port: port(8000), 'consul-url': consulUrl }

await command(
  'gateway: one door to addsvc, stringsvc and profilesvc.',
  options,
  async ({ port, 'consul-url': url }) => {
    const measured = metrics()
    // What discovery, balancers, breakers and retries report becomes metrics too.
    using _ = measured.listen()
    // Closed in reverse, also where one of them does not come up. `run` drains them before.
    await using open = new AsyncDisposableStack()
    const own = url === '' ? open.use(await consulServer()) : undefined
    const registry = open.use(consul({ url: own?.url ?? url }))
    const behind = own === undefined ? [] : await services(registry, open)
    const { add, strings, profiles } = clients(registry)
    for (const client of [add, strings, profiles]) open.use(client)
    const gateway = open.use(await serve({ add, strings, profiles }, { port, measured, log: console.log }))
    console.log(`gateway listens at ${gateway.url}\n  Consul at ${registry.url}`)
    await run({ name: 'gateway', services: [...behind, gateway], drain: { propagation: 0 } })
  },
)
