// Where the messages of gRPC are written down: Go kit's, and those that `grpc.toProto` printed for the contract.

const at = (file: string) => new URL(`../proto/${file}`, import.meta.url)

/** Of `pb.Add`, as Go kit's addsvc has it. */
export const goKitProto = at('addsvc.proto')
/** Of `add.v1.Add`. Field numbers must stay what they are: commit it, and it tells when the contract no longer fits. */
export const addProto = at('add.v1.proto')
