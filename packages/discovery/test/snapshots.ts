// Writes snapshots of growing sets to the file it is told, until somebody kills it.
import { instance } from '../src/instance.ts'
import { writeSnapshot } from '../src/snapshot-file.ts'

const file = process.argv[2] as string
for (let round = 0; ; round++) {
  const size = 1 + ((round * 37) % 500)
  const instances = Array.from({ length: size }, (_, n) => instance({ id: `o-${n}`, address: `10.0.0.1:${n + 1}` }))
  await writeSnapshot(file, 'orders', instances, Date.now())
  if (round === 0) process.stdout.write('begun\n')
}
