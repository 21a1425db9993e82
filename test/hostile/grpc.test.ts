// Every attack over gRPC, as much of it as a test can afford. The whole of it: test/hostile/main.ts.
import { ofGrpc } from './cases/families.ts'
import { suite } from './harness/suite.ts'

suite(ofGrpc)
