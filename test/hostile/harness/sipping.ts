// A reader that takes what comes in sips.
import type { Target } from './attack.ts'
import { open, pass } from './wire.ts'

/** Asks, reads 64 KiB a second for 20 seconds (a twentieth of that in a test), and leaves; answers the bytes that came. */
export async function sipping({ port, by }: Target, request: string): Promise<number> {
  const to = await open(port, { reads: false })
  await to.write(request)
  for (let i = 0; i < by(5, 20); i++) {
    to.socket.resume()
    await pass(1)
    to.socket.pause()
    await pass(by(50, 1_000))
  }
  const { bytes } = to.heard()
  to.destroy()
  return bytes
}
