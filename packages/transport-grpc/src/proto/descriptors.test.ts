// Descriptors as strict readers want them: whole names, imports, ranges, and each file once.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor/index.js'
import { expect, it } from 'vitest'
import { descriptorsOf } from './descriptors.ts'
import { loadFiles, loadText } from './load.ts'

interface Read {
  readonly name: string
  readonly dependency?: readonly string[]
  readonly messageType?: readonly Record<string, unknown>[]
  readonly service?: readonly unknown[]
}
const read = (roots: readonly protobuf.Root[]): readonly Read[] =>
  descriptorsOf(roots).map((bytes) => descriptor.FileDescriptorProto.decode(bytes).toJSON() as unknown as Read)

it('given reserved numbers, when a file is described, then ranges end after their last number', () => {
  const [file] = read([
    loadText('syntax = "proto3"; package a; message M { reserved 2, 5 to 7; reserved "old"; string s = 1; }'),
  ])
  expect(file?.messageType?.[0]).toMatchObject({
    reservedRange: [
      { start: 2, end: 3 },
      { start: 5, end: 8 },
    ],
    reservedName: ['old'],
  })
})

it('given optional fields before a oneof, when a file is described, then what stands for them comes after it', () => {
  const [file] = read([
    loadText(
      'syntax = "proto3"; package a; message M { optional int32 x = 1; oneof which { string y = 2; M z = 3; } }',
    ),
  ])
  expect(file?.messageType?.[0]).toMatchObject({
    oneofDecl: [{ name: 'which' }, { name: '_x' }],
    field: [
      { name: 'x', oneofIndex: 1, proto3Optional: true },
      { name: 'y', oneofIndex: 0 },
      { name: 'z', oneofIndex: 0, typeName: '.a.M' },
    ],
  })
})

it('given maps, nested types and enums, when a file is described, then every name is whole', () => {
  const [file] = read([
    loadText(`syntax = "proto3"; package a.v1;
      message M { message In { enum How { NONE = 0; } How how = 1; } map<string, In> by_name = 1; repeated In.How all = 2; }`),
  ])
  expect(file?.messageType?.[0]).toMatchObject({
    field: [
      { name: 'by_name', jsonName: 'byName', typeName: '.a.v1.M.ByNameEntry' },
      { name: 'all', typeName: '.a.v1.M.In.How' },
    ],
    nestedType: expect.arrayContaining([
      expect.objectContaining({
        name: 'ByNameEntry',
        field: [expect.objectContaining({ name: 'key' }), expect.objectContaining({ typeName: '.a.v1.M.In' })],
      }),
    ]),
  })
  expect(file?.dependency).toBeUndefined()
})

it('given files that import others, of which two contracts have one, then each is described once and names what it needs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'proto-'))
  try {
    mkdirSync(join(folder, 'common'))
    const path = join(folder, 'a.proto')
    writeFileSync(
      path,
      `syntax = "proto3"; package a; import "common/b.proto"; import "google/protobuf/timestamp.proto";
       service A { rpc Do(In) returns (b.Out); } service B { rpc Do(In) returns (b.Out); }
       message In { google.protobuf.Timestamp at = 1; }`,
    )
    writeFileSync(join(folder, 'common', 'b.proto'), 'syntax = "proto3"; package b; message Out { int32 n = 1; }')
    const files = read([loadFiles(path), loadFiles(path)])
    expect(files.map(({ name, dependency }) => [name, dependency])).toEqual([
      ['a/a.proto', ['b/types.proto', 'google/protobuf/timestamp.proto']],
      ['b/types.proto', undefined],
      ['google/protobuf/timestamp.proto', undefined],
    ])
    expect(files[0]?.service).toMatchObject([
      { name: 'A', method: [{ inputType: '.a.In', outputType: '.b.Out' }] },
      { name: 'B' },
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('given two contracts of one package, when they are described, then each has a file, and published types one', () => {
  const text = (service: string): string =>
    `syntax = "proto3"; package a; import "google/protobuf/duration.proto"; service ${service} { rpc Do(In) returns (In); }
     message In { google.protobuf.Duration wait = 1; }`
  const names = read([loadText(text('One')), loadText(text('Two'))]).map(({ name }) => name)
  expect([...names].sort()).toEqual(['a/one.proto', 'a/two.proto', 'google/protobuf/duration.proto'])
})
