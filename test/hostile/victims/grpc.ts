// The gRPC server that is attacked, in a process of its own, in the clear and with TLS.
import { grpc, type Running, type ServerLimits } from '@tenon/transport-grpc'
import { authority } from '../../../packages/transport-http/test/certificates.ts'
import { answer } from '../harness/ask.ts'
import { type Measured, Measures, memory } from '../harness/measures.ts'
import { echo } from './echo.ts'
import { restarting } from './restarting.ts'
import { type State, stateOf } from './state.ts'
import { hears, tell, told } from './told.ts'

const { limits = {} } = JSON.parse(process.argv[2] ?? '{}') as { readonly limits?: ServerLimits }
const measures = new Measures()
const start = (port = 0): Promise<Running> =>
  grpc.serve(echo, { port, limits, health: true, reflection: true, grace: 0, onTelemetry: tell, onError: hears })
let server = await start()

const { cert, key } = authority().issue('echo')
const secured = await grpc.serve(echo, { tls: { cert, key }, limits, grace: 0, onTelemetry: tell })

const answers = {
  port: (): number => server.port,
  tlsPort: (): number => secured.port,
  begin: (): Promise<void> => measures.begin(),
  end: (): Promise<Measured> => measures.end(),
  state: (): State => stateOf(server.inFlight + secured.inFlight),
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
export type GrpcAnswers = typeof answers
answer(answers)
