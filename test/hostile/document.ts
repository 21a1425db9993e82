// The results as docs/hostile-input.md: a table for each family, and what is not defended against.
import type { Attack, Family } from './harness/attack.ts'
import { keyOf, type Results, type Row } from './results.ts'

const head = ({ date, node, machine }: Results): string => `# Hostile input

Over gRPC: [hostile-input-grpc.md](hostile-input-grpc.md).

What \`http.serve\`, and \`http.client\`, do with what nobody should send: what the sender gets, what others feel meanwhile, and what it costs in memory. Each line is an attack that
runs: a real server in a process of its own is attacked over raw sockets, and somebody in a third process asks it all the time, on a kept connection and on new ones. Limits are the defaults
unless the line says otherwise. Where a ° stands, only as much was sent as in the tests (a tenth or less).

Measured on ${date}, ${machine}, Node ${node}; attacker, server and the others share the machine, so that times under a flood are those of a machine that is full.

\`npm test -- test/hostile\` runs a little of every line and fails where the sender gets something else, others fail, or memory is kept. \`npm run exec -- node test/hostile/main.ts --write\` runs all of it
(half an hour) and writes this page; \`npm run exec -- node test/hostile/main.ts drip\` runs those whose name holds a word.

| column | says |
|---|---|
| gets | statuses, how the connection ends, the median time of one; × how often |
| others | requests of others, and how many of them failed |
| p50, p99 | of the others, in milliseconds; in brackets a moment before on the same process |
| held | milliseconds that the event loop was held at the most |
| memory | MB: resident at the peak over before; the heap that is kept after garbage was collected |
`

const cell = (text: string): string => text.replaceAll('|', '\\|')

const failures = ({ asked, failed }: Row): string => {
  const kinds = Object.entries(failed)
  return kinds.length === 0
    ? `${asked}, none`
    : `${asked}, ${kinds.map(([kind, times]) => `${times} × ${kind}`).join(', ')}`
}

const ms = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

function line(family: Family, attack: Attack, { rows }: Results): string {
  const row = rows[keyOf(family, attack)]
  if (row === undefined) return `| ${cell(attack.sends)} | not measured | | | | | ${cell(attack.bound)} |`
  const felt = `${ms(row.p50)}, ${ms(row.p99)} (${ms(row.quiet.p50)}, ${ms(row.quiet.p99)})`
  const memory = `+${row.peak.toFixed(1)}, ${row.kept.toFixed(1)}`
  return `| ${cell(attack.sends)}${row.quick ? ' °' : ''} | ${cell(row.gets)} | ${failures(row)} | ${felt} | ${row.held} | ${memory} | ${cell(attack.bound)} |`
}

function section(family: Family, results: Results): string {
  const reasons = family.attacks.flatMap(({ sends, others }) =>
    others === undefined ? [] : [`- ${sends}: ${others.why}.`],
  )
  const told = reasons.length === 0 ? '' : `\nWhere others may be refused:\n\n${reasons.join('\n')}\n`
  return `## ${family.title}

${family.about}

| ${family.against === 'client' ? 'the server' : 'the client'} | gets | others | p50, p99 | held | memory | bounded by |
|---|---|---|---|---|---|---|
${family.attacks.map((attack) => line(family, attack, results)).join('\n')}
${told}`
}

const open = `## What is not defended against

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
`

/** The page for these results. */
export const document = (families: readonly Family[], results: Results): string =>
  `${head(results)}\n${families.map((family) => section(family, results)).join('\n')}\n${open}`
