// All attacks there are, in the order of the document.
import type { Family } from '../harness/attack.ts'
import { answers } from './answers.ts'
import { bodies } from './bodies.ts'
import { connections } from './connections.ts'
import { framing } from './framing.ts'
import { headers } from './headers.ts'
import { lines } from './lines.ts'
import { load } from './load.ts'
import { metadata } from './metadata.ts'
import { paths } from './paths.ts'
import { protocols } from './protocols.ts'
import { proxying } from './proxying.ts'
import { slow } from './slow.ts'
import { jsonrpc, streams } from './streams.ts'
import { tls } from './tls.ts'
import { values } from './values.ts'

export const families: readonly Family[] = [
  lines,
  headers,
  framing,
  bodies,
  values,
  paths,
  metadata,
  protocols,
  tls,
  slow,
  connections,
  load,
  streams,
  jsonrpc,
  proxying,
  answers,
]
