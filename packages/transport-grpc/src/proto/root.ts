// Where the messages of a contract are defined: in the user's own files, or in what the contract prints.
import type { AnyMethod } from '@tenon/contract'
import type { MethodInfo } from '@tenon/endpoint'
import type protobuf from 'protobufjs'
import { loadFiles, loadText, type ProtoFiles } from './load.ts'
import type { ProtoLock } from './lock.ts'
import { toProto } from './print.ts'

/** Where the messages of a contract are defined. */
export interface ProtoOptions {
  /** A `.proto`, or several. Without it what `toProto` prints is used. */
  readonly proto?: ProtoFiles
  /** The numbers of what `toProto` prints. Default: counted from 1 in the order of the contract. */
  readonly lock?: ProtoLock
}

interface AnyContract {
  readonly name: string
  readonly methods: Readonly<Record<string, AnyMethod & MethodInfo>>
}

/** All types that a contract may be bound to. */
export const rootOf = (contract: AnyContract, { proto, lock }: ProtoOptions): protobuf.Root =>
  proto === undefined ? loadText(toProto(contract, lock).text) : loadFiles(proto)
