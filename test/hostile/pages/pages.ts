// All pages, in the order in which they are read.
import { grpc } from './grpc.ts'
import { http } from './http.ts'
import { nats } from './nats.ts'
import type { Page } from './page.ts'

export const pages: readonly Page[] = [http, grpc, nats]
