// The service served by @tenon/transport-grpc with its defaults: limits, deadlines, strict decoding.
import { grpc } from '@tenon/transport-grpc'
import type { Served } from '../load/parts.ts'
import { shop, watchedShop } from '../shop/service.ts'
import { proto } from './definition.ts'

export const tenonGrpc = (): Promise<Served> => grpc.serve(shop(), { proto })
export const tenonGrpcRed = (): Promise<Served> => grpc.serve(watchedShop(), { proto })
