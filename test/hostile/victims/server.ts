// The server that is attacked, in a process of its own, so that its memory, its CPU and its event loop are nobody else's.
import { endpoint, ok } from '@tenon/endpoint'
import { http, jsonrpc, type Running, type ServerLimits } from '@tenon/transport-http'
import { authority } from '../../../packages/transport-http/test/certificates.ts'
import { answer } from '../harness/ask.ts'
import { type Measured, Measures, memory } from '../harness/measures.ts'
import { restarting } from './restarting.ts'
import { shop } from './shop.ts'
import { type State, stateOf } from './state.ts'
import { tell, told } from './told.ts'

const { limits = {} } = JSON.parse(process.argv[2] ?? '{}') as { readonly limits?: ServerLimits }
const measures = new Measures()
const raw = http.server(
  endpoint(async (value: unknown) => ok({ kind: typeof value })),
  { decode: http.decodeJson, onTelemetry: tell },
)
let server: Running = await start()
function start(port = 0): Promise<Running> {
  // Idle connections to a target are soon closed, so that what is left is nobody's.
  const quiet = { onTelemetry: tell, keepAlive: 100 }
  const self = () => `http://127.0.0.1:${server.port}`
  const routes = {
    'POST /raw': raw,
    'POST /rpc': jsonrpc.server(shop, { onTelemetry: tell }),
    // To itself, by the way that others take, so that one process is measured.
    '* /far/*': http.proxy({ target: endpoint(async () => ok(self())), before: http.stripPrefix('/far'), ...quiet }),
    '* /circle/*': http.proxy({ target: endpoint(async () => ok(self())), ...quiet }),
    '* /gone/*': http.proxy({ url: 'http://127.0.0.1:1', ...quiet }),
  }
  return http.serve(shop, { port, limits, routes, grace: 0, onTelemetry: tell })
}

const { cert, key } = authority().issue('shop')
const secured = await http.serve(shop, {
  limits,
  tls: { cert, key, handshakeTimeout: limits.headersTimeout ?? 10_000 },
  grace: 0,
  onTelemetry: tell,
})

const answers = {
  tlsPort: (): number => secured.port,
  port: (): number => server.port,
  begin: (): Promise<void> => measures.begin(),
  end: (): Promise<Measured> => measures.end(),
  state: (): State => stateOf(server.inFlight),
  told,
  /** Bytes of the heap that are in use. */
  memory: async (): Promise<number> => (await memory()).heap,
  ...restarting(
    () => server,
    async (port) => {
      server = await start(port)
    },
  ),
}
export type ServerAnswers = typeof answers
answer(answers)
