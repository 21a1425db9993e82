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

/** Thrown when a contract is bound to a .proto that does not fit, or cannot be written as one: nothing listens then, nothing is sent. */
export class ProtoMismatch extends TypeError {
  override readonly name = 'ProtoMismatch'
  /** Every difference, in the order of the contract. */
  readonly mismatches: readonly Mismatch[]
  /** `of`: is there a `.proto`, or was the contract to be written as one? Default: there is. */
  constructor(where: string, mismatches: readonly Mismatch[], of: 'bound' | 'written' = 'bound') {
    const [what, proto] =
      of === 'bound'
        ? ['contract and .proto differ', 'the .proto']
        : ['the contract cannot be written as .proto', 'a .proto']
    const lines = mismatches.map((each) => {
      const more = each.advice === undefined ? '' : ` (${each.advice})`
      return `  ${each.path}: the contract has ${each.contract}, ${proto} ${each.proto}${more}`
    })
    super(`${where}: ${what} in ${lines.length} place${lines.length === 1 ? '' : 's'}:\n${lines.join('\n')}`)
    this.mismatches = mismatches
  }
}
