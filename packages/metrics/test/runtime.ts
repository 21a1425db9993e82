// Prints a page with the metrics of the process: they cannot be taken back, so this runs in a process of its own.
import client from 'prom-client'
import { metrics } from '../src/metrics.ts'

const registry = new client.Registry()
const measured = metrics({ registry })
measured.runtime()
measured.runtime()
metrics({ registry }).runtime()
process.stdout.write(await registry.metrics())
