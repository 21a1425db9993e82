#!/usr/bin/env node
// The program tenon-contract: takes snapshots of contracts and compares them, so that CI can stop what breaks.
import { main } from './compat/main.ts'

process.exitCode = await main(process.argv.slice(2), process)
