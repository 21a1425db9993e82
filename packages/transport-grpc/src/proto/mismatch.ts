// Where a contract and a .proto say different things: all of it at once, each with its path and both types.

/** One difference. */
export interface Mismatch {
  /** From the method: `place.input.address.zip`. */
  readonly path: string
  /** What the contract says. */
  readonly contract: string
  /** What the .proto says. */
  readonly proto: string
  /** What to do, where it is not plain. */
  readonly advice?: string | undefined
}

/** Collects differences while both sides are walked. */
export type Report = (mismatch: Mismatch) => void

/** Thrown when a contract is bound to a .proto that does not fit; nothing listens then, and nothing is sent. */
export class ProtoMismatch extends TypeError {
  override readonly name = 'ProtoMismatch'
  /** Every difference, in the order of the contract. */
  readonly mismatches: readonly Mismatch[]
  constructor(where: string, mismatches: readonly Mismatch[]) {
    const lines = mismatches.map(({ path, contract, proto, advice }) => {
      const more = advice === undefined ? '' : ` (${advice})`
      return `  ${path}: the contract has ${contract}, the .proto ${proto}${more}`
    })
    super(
      `${where}: contract and .proto differ in ${lines.length} place${lines.length === 1 ? '' : 's'}:\n${lines.join('\n')}`,
    )
    this.mismatches = mismatches
  }
}
