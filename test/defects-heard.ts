// Tests provoke defects on purpose: somebody listens for them, so that they are no warnings in the tests' output.
import { channel } from 'node:diagnostics_channel'

const defects = channel('tenon:defect')
// Test files share a process, and this runs before each.
if (!defects.hasSubscribers) defects.subscribe(() => {})
