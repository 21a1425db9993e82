// A partition by the kernel, where lost packets are sent again later and later. It cuts off the whole of this process's network, so that must
// be one of its own. Prints milliseconds: until the silence was told, and from the healing until what had changed meanwhile was seen.
// usage: unshare -r -n node isolated.ts BACKEND SECONDS
import { execFileSync } from 'node:child_process'
import { backends } from './backends.ts'
import { pass } from './fault.ts'
import { entryOf } from './stage.ts'
import { watched } from './watched.ts'

const [, , name, seconds] = process.argv
const backend = backends.find((each) => each.name === name)
if (backend === undefined) throw new Error(`there is no backend "${name}"`)
const loopback = (to: 'up' | 'down'): void => void execFileSync('ip', ['link', 'set', 'lo', to])

loopback('up')
await using server = await backend.start()
await using client = backend.open(server.url)
await using shop = watched(client.instancer('shop-0'), new Set())
await backend.put(server.url, 'shop-0', entryOf('shop-0', 'stays', 8_001))
const lent = entryOf('shop-0', 'goes', 8_002)
await backend.lend(server.url, 'shop-0', lent)
await shop.until(({ instances }) => instances?.length === 2)

loopback('down')
const cut = performance.now()
const told = shop.until(({ error }) => error !== undefined, cut)
// The registry takes the instance out, and says so to nobody.
await pass(1_000 * Number(seconds))
const meanwhile = shop.ids()?.includes(lent.id)
loopback('up')
const healed = performance.now()
const seen = await shop.until(
  ({ instances, error }) => instances?.every(({ id }) => id !== lent.id) === true && error === undefined,
  healed,
)
console.log(JSON.stringify({ stale: meanwhile, told: (await told) - cut, fresh: seen - healed }))
