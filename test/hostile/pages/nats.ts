// The page about NATS.
import { ofNats } from '../cases/families.ts'
import { columns, measured, type Page } from './page.ts'

export const nats: Page = {
  file: 'hostile-input-nats.md',
  families: ofNats,
  head: (results) => `# Hostile input over NATS

The first page is about [HTTP](hostile-input.md), another about [gRPC](hostile-input-grpc.md).

What \`nats.serve\` and \`nats.consume\` do with what nobody should send. A stranger is whoever may connect to the same NATS server: here without any permission that would keep it from anything, which is the worst that there is. Each line is an
attack that runs: a real nats-server, a server of ours in a process of its own on the client of version 3 (or 2, where the line says so), a stranger who writes the protocol by hand, and somebody in a third process who calls all the time, on a
kept connection and on new ones. Limits are the defaults unless the line says otherwise; events have 3 deliveries. Where a ° stands, only as much was sent as in the tests (a tenth or less).

${measured(results)}

\`npm test -- test/hostile\` runs a little of every line and fails where the stranger gets something else, the operator does not hear of it, a handler runs that should not, an event is lost, others fail, or memory is kept.
\`npm run exec -- node test/hostile/main.ts --write NATS\` runs all of it and writes this page.

| column | says |
|---|---|
| gets | tag or code of the failure; × how often |
| the operator hears | the reasons of \`server.rejected\`, the hook \`onError\` where input does not fit, what became of events (\`consumer.message\`); × how often |
${columns}
`,
  open: `## What is not defended against

NATS has no notion of who sent a message. What keeps strangers apart is the NATS server: accounts, and permissions for each user. What follows is what permissions must do.

- **Whoever hears an inbox can forge what comes there.** Answers, items, ends and credit go to subjects that nobody guesses, but who may subscribe to \`_INBOX.>\` or \`>\` reads them all. Let each user subscribe to an inbox prefix of its own
  (\`inboxPrefix\` of either client; our own inboxes begin with \`_INBOX.\`, so servers must be allowed that), and nobody else to those.
- **Whoever may subscribe to a service's subject can serve it.** In its queue group it gets a share of all calls. Let only servers subscribe there.
- **Whoever knows an inbox can cancel its call**, by \`callers.left\`: the subject is as secret as the inbox, not more.
- **Answers go where the request says.** Subjects that begin with \`$\`, wildcards, and the service's own subjects are refused; any other service that the server may publish to is not: it would get a message that a stranger has shaped. Let
  servers publish to \`_INBOX.>\` and what they need by name, nothing more.
- **Whoever may publish to \`$JS.ACK.>\` can settle the events of others**, and whoever may publish an event has published it. Let only consumers do the one, only publishers the other, and nobody but administrators \`$JS.API.>\` of streams and consumers.
- **A flood.** A request that is refused costs some tens of microseconds. A server that is far behind is cut off by the NATS server as a slow consumer (64 MB by default), and comes back. So is a client.
- **\`$SRV.*\`** answers whoever asks, each time: \`discoverable: false\` where strangers may ask.
- **Deep JSON, the thread, work that was asked for**: as over [HTTP](hostile-input.md#what-is-not-defended-against).
`,
}
