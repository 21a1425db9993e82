// A process that watches a service until its input ends, closes what it opened, and has nothing left to live for.
// usage: node leaving.ts BACKEND URL
import { once } from 'node:events'
import { backends } from './backends.ts'

const [, , name, url = ''] = process.argv
const backend = backends.find((each) => each.name === name)
if (backend === undefined) throw new Error(`there is no backend "${name}"`)
const client = backend.open(url)
const instancer = client.instancer('shop-0')
await new Promise<void>((resolve) => {
  const subscription = instancer.subscribe(({ instances }) => {
    if (instances !== undefined) resolve()
  })
  process.once('exit', () => subscription[Symbol.dispose]())
})
process.stdout.write('watching\n')
process.stdin.resume()
await once(process.stdin, 'end')
await instancer[Symbol.asyncDispose]()
await client[Symbol.asyncDispose]()
