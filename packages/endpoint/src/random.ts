// Randomness, through one narrow door.

/** A number in [0, 1). */
export type Random = () => number

/** The platform's generator. For a seeded one see `@tenon/endpoint/testing`. */
export const systemRandom: Random = Math.random
