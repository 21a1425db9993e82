// A hash of texts that is the same in every process and on every machine: no seed of the process is in it.

/** 32 bits of a text's UTF-16 units; other seeds give other hashes. Source: MurmurHash3 by Austin Appleby, x86 32-bit. */
export function hash(text: string, seed: number): number {
  let bits = seed
  for (let at = 0; at < text.length; at++) {
    let unit = Math.imul(text.charCodeAt(at), 0xcc9e2d51)
    unit = Math.imul((unit << 15) | (unit >>> 17), 0x1b873593)
    bits ^= unit
    bits = Math.imul((bits << 13) | (bits >>> 19), 5) + 0xe6546b64
  }
  bits ^= text.length
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
