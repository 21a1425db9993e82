// The page about HTTP, which is the first of them.
import { ofHttp } from '../cases/families.ts'
import { columns, measured, type Page } from './page.ts'

export const http: Page = {
  file: 'hostile-input.md',
  families: ofHttp,
  head: (results) => `# Hostile input

Over [gRPC](hostile-input-grpc.md) and over [NATS](hostile-input-nats.md): pages of their own, made by the same command.

What \`http.serve\`, and \`http.client\`, do with what nobody should send: what the sender gets, what others feel meanwhile, and what it costs in memory. Each line is an attack that
runs: a real server in a process of its own is attacked over raw sockets, and somebody in a third process asks it all the time, on a kept connection and on new ones. Limits are the defaults
unless the line says otherwise. Where a ° stands, only as much was sent as in the tests (a tenth or less).

${measured(results)}

\`npm test -- test/hostile\` runs a little of every line and fails where the sender gets something else, others fail, or memory is kept. \`npm run exec -- node test/hostile/main.ts --write\` runs all of it
(an hour) and writes these pages; \`npm run exec -- node test/hostile/main.ts drip\` runs those whose name holds a word, \`--unmeasured\` those that were not measured in full.

| column | says |
|---|---|
| gets | statuses, how the connection ends, the median time of one; × how often |
${columns}
`,
  open: `## What is not defended against

- **One address among many.** No limit here is for each address, user or key: one machine may have all of \`connections\`, and with them all of \`concurrent\`. Whoever is one too many cannot be told
  from the others by a server that sees a proxy's address. Put such limits into the proxy, or into a guard that knows who calls.
- **A flood.** Requests that are well-formed and refused cost the server some tens of microseconds each, and whoever sends enough of them has the processor. So do chunks of a byte each, which are as dear as
  small requests.
- **The thread.** A megabyte of JSON may hold the event loop for a tenth of a second or more (above), and everybody waits. \`limits.body\` is a limit of time as well: lower it where methods take
  little. What a codec written by hand, a hook or a handler does is theirs.
- **Unions that try everything.** An untagged union of twenty members costs twenty times one of a single member, for valid input too. Give members a tag.
- **Work that was asked for.** A thousand calls may run, each with what its handler takes. Nothing looks at how dear a method is; \`concurrent\`, deadlines and a breaker are the means.
- **The kernel.** Floods of SYN, sockets in its queues and buffers that it grants are the kernel's to bound: \`somaxconn\`, \`tcp_mem\`, \`ulimit -n\`. Out of files, new connections are closed
  as they come, and calls to other services cannot connect either.
- **A slow upload through the proxy** holds a place among \`concurrent\` of proxy and target as long as something moves within \`idle\`: its body is not collected first.
- **Streams hold places.** Whoever may open a thousand streams has all of \`concurrent\`.
- **A server that lies** about its own answers: an answer that comes late on a kept connection may be taken for the answer to the next request to that server, as HTTP/1.1 cannot tell.
- **Silence between bytes that count.** A client that reads a little now and then keeps its connection, within \`allAnswers\` and \`connections\`.
`,
}
