// The process that sends load, as its suite does.

import { answers } from '../harness/answers.ts'
import { suites } from '../suites.ts'
import { type Load, partsOf } from './parts.ts'

answers(async (load: Load) => (await partsOf(suites, load.suite).loader())(load))
