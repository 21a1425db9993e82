// How much of everything: for the tests, and for the page.
import type { Scale } from './stage.ts'

export const quick: Scale = { services: 3, outage: 700, times: 1, crowd: (many) => Math.ceil(many / 20) }

export const full: Scale = { services: 50, outage: 3_000, times: 3, crowd: (many) => many }
