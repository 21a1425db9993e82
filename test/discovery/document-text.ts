// What the page says beside its figures.
import type { Results } from './results.ts'

export const text = ({ date, machine, node }: Results, tables: string): string => `# Discovery, when the registry fails

What callers may rely on while a registry is down, hangs, is cut off, has forgotten everything or says what is not so; and what came of it when real ones did all that. The parts are explained in
[\`@tenon/discovery\`](../packages/discovery/README.md); backends are [\`@tenon/discovery-consul\`](../packages/discovery-consul/README.md) and [\`@tenon/discovery-etcd\`](../packages/discovery-etcd/README.md).

## What one may rely on

- **A registry is needed to hear of changes, and not to call.** A process holds the last good set and its connections. While the registry cannot be asked, the set serves on, with the error beside it:
  \`endpointerOf(client).view()\` is \`stale\`, and \`discovery.error\` is told once for each kind of failure. \`invalidateAfter\` bounds that where an old address is worse than none.
- **How stale a set may be.** As long as the registry is away; then fresh within a second for 99 of 100 watches, however long it was away, whatever its index was before and whether it kept anything. A client that waits
  for an index of a registry's former life would hear nothing for minutes: a new connection is asked from the start.
- **Silence is found out, too.** A registry that hangs, or a network that swallows everything, closes nothing. Both clients ask every 2 s whether it is there while they watch (\`heartbeat\`), and give it up after some 3 to 5 s.
  Until then there is no error; the set serves as before.
- **Empty is not unknown.** What is known to be empty fails at once, with \`NoEndpoints\` and the reason \`empty\`; what is not known yet is waited for, a second at most. An outage is never an empty set.
- **A registry that was emptied says the same as one whose services are all gone.** \`protectEmpty\` is for those who want no outage of theirs to come of that: the last set is kept so many milliseconds, with an error
  beside it until instances come or the time is over. The price is that a service which really is gone fails by its connections and not by \`NoEndpoints\` for so long.
- **An instance that crashes is still in the set** until its check or lease is over. Discovery cannot know better; a retry on another instance and \`outlierEjection\` are for that time.
- **A start needs nobody.** Clients and registrars begin while the registry is down, and are right as soon as it answers. First calls would have nowhere to go until then: \`snapshot(instancer, { file })\` keeps the last
  good set over the end of a process, and serves it with an error beside it until the registry has spoken.
- **A registrar tries on.** It registers when that can be done, is known again by itself when the registry was emptied, and says in \`view()\` and by \`discovery.registration\` how it stands.
- **An instance leaves in order.** Readiness goes off, it is taken out of the registry, callers get the time to hear of it (\`propagation\`), then it drains. Callers let go of a connection after the calls on it.
- **Whoever is woken does not come at once with all others.** After an outage each client waits for a time of its own, up to half a second, before it asks again.
- **Leaving is quick.** A watch that is closed ends its request, its connection and its timers, whatever the registry does at that moment; a process then ends by itself.

## What came of it

Each line is a real registry that is ill-treated: killed, stopped by a signal, restarted, cut off by a proxy that swallows, resets or refuses. In front of it are watched services with three instances each, called all the
time, one call every 2 ms, by a plain \`balanced(endpointer(...), roundRobin())\` without retries. Instances are written straight into the registry by its own protocol, so that only watching is tried.

| column | says |
|---|---|
| calls, and failed | calls from the beginning to the end, and the share that failed, by kind |
| what callers had meanwhile | the set and the error just before the fault ended |
| until | what was waited for once the fault was over: the last column is the time from the registry's answering (or from the writing, if that was later) to that |

Measured on ${date}, ${machine}, Node ${node}; registry, proxy, callers and watches share the machine. Faults last 3 s, with 50 services, 3 times, unless the line says otherwise.
Lines of 1,000 watches measure the machine, which has to do all of it at once, client and server.

\`npm test -- test/discovery\` lets a little of every line happen and fails where callers fail that should not, sets lose what they should keep, watches are not fresh, or something is left open; what takes long is in
\`npm run test:slow -- test/discovery\`. \`npm run exec -- node test/discovery/main.ts --write\` does all of it and writes this page; with a part of a name only that.

${tables}
## What this does not show

- **Real packets.** The proxy holds bytes back and delivers them when the partition heals, at once. A kernel sends again after a time that doubles: what was on its way when a partition began arrives up to as long after it
  has healed as it lasted. Clients here have given up their connection by then: cut off by the kernel for 12 s (\`unshare -r -n node test/discovery/harness/isolated.ts Consul 12\`, twice each) they told the silence after 3 s
  and were fresh 0.2 s after the healing on Consul, 0.6 and 0.8 s on etcd. Without the heartbeat it was 4 s on Consul.
- **Many machines.** Consul is a server of its own or three on one machine; etcd has one member.
- **Later Consuls.** It is 1.8.7, of Debian bullseye: streaming and peering are not in it.
`
