// A server's services and types as it tells of them itself, by a client that knows nothing else.
import { create, createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf'
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { createClient, type Transport } from '@connectrpc/connect'
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import { reflectionService } from './descriptors.ts'

type Asked = 'listServices' | 'fileContainingSymbol' | 'fileByFilename'
interface Told {
  readonly messageResponse:
    | { readonly case: 'listServicesResponse'; readonly value: { readonly service: readonly { name: string }[] } }
    | { readonly case: 'fileDescriptorResponse'; readonly value: { readonly fileDescriptorProto: Uint8Array[] } }
    | { readonly case: 'errorResponse'; readonly value: { readonly errorCode: number; readonly errorMessage: string } }
}

/** All names of services, and the types that they need. */
async function reflected(transport: Transport): Promise<{
  readonly services: readonly string[]
  readonly registry: FileRegistry
}> {
  const client = createClient(reflectionService, transport) as unknown as {
    serverReflectionInfo(requests: AsyncIterable<object>): AsyncIterable<Told>
  }
  const ask = async (asked: Asked, value: string): Promise<Told['messageResponse']> => {
    const requests = (async function* () {
      yield { messageRequest: { case: asked, value } }
    })()
    for await (const { messageResponse } of client.serverReflectionInfo(requests)) return messageResponse
    throw new Error(`no answer to ${asked} ${value}`)
  }
  const listed = await ask('listServices', '')
  if (listed.case !== 'listServicesResponse') throw new Error(`not a list: ${listed.case}`)
  const services = listed.value.service.map(({ name }) => name)
  const files = new Map<string, FileDescriptorProto>()
  const take = async (asked: Asked, value: string): Promise<void> => {
    const told = await ask(asked, value)
    if (told.case !== 'fileDescriptorResponse') throw new Error(`${value}: ${JSON.stringify(told.value)}`)
    for (const bytes of told.value.fileDescriptorProto) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes)
      files.set(file.name, file)
    }
  }
  for (const service of services) await take('fileContainingSymbol', service)
  for (const file of files.values())
    for (const needed of file.dependency) if (!files.has(needed)) await take('fileByFilename', needed)
  return { services, registry: createFileRegistry(create(FileDescriptorSetSchema, { file: sorted(files) })) }
}

/** Each file after those that it needs. */
function sorted(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const done = new Set<FileDescriptorProto>()
  const add = (file: FileDescriptorProto): void => {
    if (done.has(file)) return
    for (const needed of file.dependency) add(files.get(needed) as FileDescriptorProto)
    done.add(file)
  }
  for (const file of files.values()) add(file)
  return [...done]
}

/** What another implementation knows of a server once it has asked. Abort the session. */
export async function asked(address: string) {
  const baseUrl = `http://${address}`
  const session = new Http2SessionManager(baseUrl)
  const transport = createGrpcTransport({ baseUrl, sessionManager: session })
  return { session, transport, ...(await reflected(transport)) }
}
