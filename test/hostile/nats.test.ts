// Every attack over NATS, as much of it as a test can afford, where there is a nats-server. The whole of it: test/hostile/main.ts.
import { describe } from 'vitest'
import { isThere } from '../../packages/transport-nats/test/nats-server.ts'
import { ofNats } from './cases/families.ts'
import { suite } from './harness/suite.ts'

describe.skipIf(!isThere())('on a nats-server', () => suite(ofNats))
