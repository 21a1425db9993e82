// What is said of methods whose streams do not travel.
import type { MethodInfo } from '@tenon/endpoint'

/** A request over HTTP is one message, so HTTP carries streams from the server only; JSON-RPC carries none. */
export const uncarried = ({ contract, name, kind }: MethodInfo, over: string): string =>
  `${contract}/${name}: a ${kind} is not carried over ${over}`
