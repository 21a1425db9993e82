// What `npm run example -- profilesvc` runs.
import { run } from '@tenon/app'
import { command, port } from '@tenon/example-command'
import { serve } from './server.ts'

await command('profilesvc: profiles and their addresses, in memory.', { port: port(8080) }, async ({ port }) => {
  const server = await serve({ port, log: console.log })
  console.log(`profilesvc listens at ${server.url}`)
  await run({ name: 'profilesvc', services: [server], drain: { propagation: 0 } })
})
