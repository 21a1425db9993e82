// The service as grpc-js knows it: of a .proto, by proto-loader, as its documentation does it.
import { join } from 'node:path'
import { type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** What Tenon prints for the contract; Tenon reads it from here too, so that all have the very same messages. */
export const proto = join(import.meta.dirname, '..', '..', 'src', 'grpc', 'shop.proto')

const packages = loadPackageDefinition(loadSync(proto, { longs: Number, enums: String, defaults: true, oneofs: true }))

/** A client of it is made with `new`; its `service` is the definition. */
export const ShopOfProto = ['bench', 'shop', 'v1', 'Shop'].reduce<GrpcObject | GrpcObject[string]>(
  (within, name) => (within as GrpcObject)[name] as GrpcObject,
  packages,
) as ServiceClientConstructor
