// What a second implementation of protobuf must know to ask a server about itself and to read what stands beside a status:
// grpc.reflection.v1 and google.rpc, as far as they are used here, written as descriptors.
import { create, createFileRegistry, type DescMessage, type DescService } from '@bufbuild/protobuf'
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_duration,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'

/** Name, number and type; a type with a dot at its start is a message. */
type Field = readonly [name: string, number: number, type: 'string' | 'int32' | 'bytes' | `.${string}`, many?: 'many']

const scalars = { string: Type.STRING, int32: Type.INT32, bytes: Type.BYTES } as const

/** A message; with `either` all fields are one oneof of that name. */
function message(name: string, fields: readonly Field[], either?: string): DescriptorProto {
  return create(DescriptorProtoSchema, {
    name,
    ...(either !== undefined && { oneofDecl: [{ name: either }] }),
    field: fields.map(([field, number, type, many]) => ({
      name: field,
      jsonName: field.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      number,
      label: many === undefined ? Label.OPTIONAL : Label.REPEATED,
      ...(type.startsWith('.')
        ? { type: Type.MESSAGE, typeName: type }
        : { type: scalars[type as keyof typeof scalars] }),
      ...(either !== undefined && { oneofIndex: 0 }),
    })),
  })
}

const of = '.grpc.reflection.v1.'
const reflectionFile = create(FileDescriptorProtoSchema, {
  name: 'grpc/reflection/v1/reflection.proto',
  package: 'grpc.reflection.v1',
  syntax: 'proto3',
  messageType: [
    message(
      'ServerReflectionRequest',
      [
        ['file_by_filename', 3, 'string'],
        ['file_containing_symbol', 4, 'string'],
        ['list_services', 7, 'string'],
      ],
      'message_request',
    ),
    message(
      'ServerReflectionResponse',
      [
        ['file_descriptor_response', 4, `${of}FileDescriptorResponse`],
        ['list_services_response', 6, `${of}ListServiceResponse`],
        ['error_response', 7, `${of}ErrorResponse`],
      ],
      'message_response',
    ),
    message('FileDescriptorResponse', [['file_descriptor_proto', 1, 'bytes', 'many']]),
    message('ListServiceResponse', [['service', 1, `${of}ServiceResponse`, 'many']]),
    message('ServiceResponse', [['name', 1, 'string']]),
    message('ErrorResponse', [
      ['error_code', 1, 'int32'],
      ['error_message', 2, 'string'],
    ]),
  ],
  service: [
    {
      name: 'ServerReflection',
      method: [
        {
          name: 'ServerReflectionInfo',
          inputType: `${of}ServerReflectionRequest`,
          outputType: `${of}ServerReflectionResponse`,
          clientStreaming: true,
          serverStreaming: true,
        },
      ],
    },
  ],
})

const detailsFile = create(FileDescriptorProtoSchema, {
  name: 'google/rpc/error_details.proto',
  package: 'google.rpc',
  syntax: 'proto3',
  dependency: ['google/protobuf/duration.proto'],
  messageType: [
    message('ErrorInfo', [
      ['reason', 1, 'string'],
      ['domain', 2, 'string'],
    ]),
    message('RetryInfo', [['retry_delay', 1, '.google.protobuf.Duration']]),
    message('FieldViolation', [
      ['field', 1, 'string'],
      ['description', 2, 'string'],
    ]),
    message('BadRequest', [['field_violations', 1, '.google.rpc.FieldViolation', 'many']]),
  ],
})

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [file_google_protobuf_duration.proto, detailsFile, reflectionFile] }),
)

const messageOf = (name: string): DescMessage => registry.getMessage(name) as DescMessage

/** The service that tells of services. */
export const reflectionService = registry.getService('grpc.reflection.v1.ServerReflection') as DescService

/** What stands beside a status. */
export const details = {
  errorInfo: messageOf('google.rpc.ErrorInfo'),
  retryInfo: messageOf('google.rpc.RetryInfo'),
  badRequest: messageOf('google.rpc.BadRequest'),
}
