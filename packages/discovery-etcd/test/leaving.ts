// A process that uses etcd, leaves it, and then has nothing left to do: it must end by itself. Argument: etcd's URL.
import { etcd } from '../src/index.ts'

const registry = etcd({ endpoints: process.argv[2] as string })
registry.instancer('orders').subscribe(({ instances, error }) => {
  if (instances !== undefined) console.log('known')
  if (error !== undefined) console.log('error')
})
process.stdin.once('data', async () => {
  process.stdin.destroy()
  await registry[Symbol.asyncDispose]()
  console.log('disposed')
})
