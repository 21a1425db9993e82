// What the user asked for cannot be done: one clear line, and exit code 2.
export class Refusal extends Error {
  override readonly name = 'Refusal'
}
