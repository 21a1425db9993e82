// The faults that take their time.
import { suite } from './harness/suite.ts'

suite({ slow: true })
