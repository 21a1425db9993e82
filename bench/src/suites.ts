// Every suite there is. A new one is a folder and a line here (README: "Adding a suite").
import { balancer } from './balancer/suite.ts'
import { chain } from './chain/suite.ts'
import { codec } from './codec/suite.ts'
import { discovery } from './discovery/suite.ts'
import { grpc } from './grpc/suite.ts'
import type { Suite } from './harness/suite.ts'
import { http } from './http/suite.ts'
import { nats } from './nats/suite.ts'
import { policy } from './policy/suite.ts'
import { restGrpc } from './rest-grpc/suite.ts'

export const suites: readonly Suite[] = [chain, codec, http, grpc, nats, restGrpc, balancer, discovery, policy]
