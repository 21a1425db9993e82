// The registries' own protocols, as little of them as it takes to change what is there.

/** One request, that must go well. */
export async function ask(url: string, init: RequestInit): Promise<string> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`)
  return text
}

/** `act` for each, a few at a time: no server is to be tried by how many connections we open. */
export async function each<A>(all: readonly A[], act: (one: A) => Promise<void>, atOnce = 32): Promise<void> {
  const left = all.values()
  const work = async (): Promise<void> => {
    for (const one of left) await act(one)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, work))
}
