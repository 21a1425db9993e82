// A ring of hashes: each owner has a few points on it, each key belongs to the owner of a point near it.
import { hash } from './hash.ts'

export interface Ring {
  /** How many points there are. */
  readonly size: number
  /** The point that a key belongs to. O(1) expected. */
  find(key: string): number
  /** The owner of a point: its index among the ids. */
  owner(point: number): number
}

/** 21 probes: the fullest owner has some 5 % more than its share. */
const probes = 21

/**
 * A ring with so many points for each id. A key is put on the ring 21 times, and belongs to the point that one of them
 * comes closest to. So a few points are as even as hundreds with a single probe, and a set of ten thousand is built in
 * milliseconds. What an owner gets or loses when another comes or goes is only what that other had.
 *
 * Source: Appleton and O'Reilly, "Multi-probe consistent hashing" (2015).
 */
export function ring(ids: readonly string[], points: readonly number[]): Ring {
  const size = points.reduce((sum, count) => sum + count, 0)
  // Position and owner in one number, 32 and up to 21 bits, so that they are sorted natively.
  const both = new Float64Array(size)
  let next = 0
  for (let owner = 0; owner < ids.length; owner++)
    for (let point = 0; point < (points[owner] as number); point++)
      both[next++] = hash(ids[owner] as string, point + 1) * 2 ** 21 + owner
  both.sort()
  const positions = new Uint32Array(size)
  const owners = new Uint32Array(size)
  for (let point = 0; point < size; point++) {
    const value = both[point] as number
    positions[point] = Math.floor(value / 2 ** 21)
    owners[point] = value % 2 ** 21
  }
  // Where to begin to look: the first point in each of as many slots as there are points, or more.
  const bits = Math.max(1, Math.ceil(Math.log2(Math.max(size, 1))))
  const shift = 32 - bits
  const slots = new Uint32Array(2 ** bits)
  for (let slot = 0, point = 0; slot < slots.length; slot++) {
    while (point < size && (positions[point] as number) >>> shift < slot) point++
    slots[slot] = point
  }

  return {
    size,
    owner: (point) => owners[point] as number,
    find(key) {
      const step = hash(key, 0) | 1
      let at = hash(key, 0x9747b28c)
      let closest = 0
      let least = Number.POSITIVE_INFINITY
      for (let probe = 0; probe < probes; probe++) {
        let point = slots[at >>> shift] as number
        while (point < size && (positions[point] as number) < at) point++
        if (point === size) point = 0
        const distance = ((positions[point] as number) - at) >>> 0
        if (distance < least) {
          least = distance
          closest = point
        }
        at = (at + step) >>> 0
      }
      return closest
    },
  }
}
