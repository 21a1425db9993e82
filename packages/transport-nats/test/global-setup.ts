// One nats-server for all tests of a run, named by the environment: TENON_TEST_NATS.
import { missing, startNats } from './nats-server.ts'

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const server = await startNats()
  if (server === undefined) {
    if (process.env.CI) throw new Error(missing)
    console.error(`${missing}: the tests of NATS are skipped`)
    return undefined
  }
  process.env.TENON_TEST_NATS = server.url
  return () => server[Symbol.asyncDispose]()
}
