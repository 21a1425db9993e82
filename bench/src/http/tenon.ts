// The service served by @tenon/transport-http with its defaults: limits, deadlines, strict decoding.
import { http } from '@tenon/transport-http'
import type { Served } from '../load/parts.ts'
import { shop, watchedShop } from '../shop/service.ts'

export const tenon = (): Promise<Served> => http.serve(shop())
export const tenonRed = (): Promise<Served> => http.serve(watchedShop())
