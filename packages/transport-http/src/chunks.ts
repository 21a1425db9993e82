// The pieces of a body, put together once it is whole. Many tiny pieces are merged on the way: a megabyte sent byte by
// byte would else cost a hundred megabytes of small buffers.

const empty: Buffer = Buffer.alloc(0)
const tooMany = 256

export class Chunks {
  size = 0
  #first: Buffer | undefined
  #recent: Buffer[] | undefined
  #merged: Buffer[] | undefined

  push(chunk: Buffer): void {
    this.size += chunk.length
    if (this.#recent !== undefined) {
      this.#recent.push(chunk)
      if (this.#recent.length < tooMany) return
      this.#merged ??= []
      this.#merged.push(Buffer.concat(this.#recent))
      this.#recent = []
    } else if (this.#first === undefined) this.#first = chunk
    else this.#recent = [this.#first, chunk]
  }

  forget(): void {
    this.#first = undefined
    this.#recent = undefined
    this.#merged = undefined
  }

  whole(): Buffer {
    if (this.#recent === undefined) return this.#first ?? empty
    return Buffer.concat(this.#merged === undefined ? this.#recent : [...this.#merged, ...this.#recent], this.size)
  }
}
