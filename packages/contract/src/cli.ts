#!/usr/bin/env node
// The program tenon-contract: snapshots of contracts, what breaks between two of them, and their OpenAPI document.
import { main } from './program/main.ts'

process.exitCode = await main(process.argv.slice(2), process)
