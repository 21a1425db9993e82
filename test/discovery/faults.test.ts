// Every way in which a registry fails, on real ones, as much of it as a test can afford. All of it: test/discovery/main.ts.
import { suite } from './harness/suite.ts'

suite({ slow: false })
