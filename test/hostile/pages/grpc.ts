// The page about gRPC.
import { ofGrpc } from '../cases/families.ts'
import { columns, measured, type Page } from './page.ts'

export const grpc: Page = {
  file: 'hostile-input-grpc.md',
  families: ofGrpc,
  head: (results) => `# Hostile input over gRPC

The first page is about [HTTP](hostile-input.md), another about [NATS](hostile-input-nats.md).

What \`grpc.serve\` does with what nobody should send. Each line is an attack that runs: a real server in a process of its own is attacked over HTTP/2, by Node's client where that sends what is wanted, else
with frames by hand; somebody in a third process calls it all the time, on a kept connection and on new ones. Limits are the defaults unless the line says otherwise. Where a ° stands, only as much was sent as in the
tests (a tenth or less, and with short times).

${measured(results)}

\`npm test -- test/hostile\` runs a little of every line and fails where the sender gets something else, the operator does not hear of it, a handler runs that should not, others fail, or memory is kept.
\`npm run exec -- node test/hostile/main.ts --write gRPC\` runs all of it and writes this page.

| column | says |
|---|---|
| gets | the status, the error of a reset or of a GOAWAY in code; × how often |
| the operator hears | the reasons of \`server.rejected\`, the hook \`onError\` where input does not fit; × how often |
${columns}
`,
  open: `## What is not defended against

- **One address among many**, **a flood**, **the thread**, **work that was asked for**, **the kernel**, **streams hold places**: as over [HTTP](hostile-input.md#what-is-not-defended-against).
- **What Node refuses, nobody hears of**: more than 128 headers, more than 64 KB of them, streams beyond \`concurrent\` on one connection. nghttp2 answers by itself, and there is no event.
- **Frames that do nothing.** Windows that grow by one, frames of unknown kinds, pings whose answers are read: they cost the processor, and nothing counts them.
- **Calls that are reset at once.** nghttp2 lets 1,000 of a connection pass, then 33 a second; those begin. Who opens connection after connection begins as many more.
- **Messages that wait for a handler.** A handler that reads its caller's stream slowly has 16 messages waiting, each of \`limits.message\` at most: lower it where many streams come.
- **Streams that are idle** last as long as their caller says, and hold a place each. Give \`streamTimeout\` to methods where nothing is said for long.
- **Resident memory.** \`allAnswers\` and \`allMessages\` bound what is held. What was let go of is garbage that Node collects late, and that the C library keeps for itself: a server that has cut 900 answers of 1 MiB was
  at 1.4 GB for a while, though it held 256 MiB.
- **Compression** costs its sender a thousandth of what it costs the server, up to \`limits.message\` for each message.
- **A slow reader who is honest** is cut after \`limits.unread\` as well, if it has not taken the whole of an answer by then.
- **The private parts of grpc-js.** What it refuses by itself, how much of a message has come and the stream under a call are read from where they are today. Where a later grpc-js moves them, calls go on as before, and these
  limits and reports are missing: tests say so.
`,
}
