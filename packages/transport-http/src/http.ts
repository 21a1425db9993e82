// The functions of this package, as people write them: `http.serve`, `http.client`.
export { client } from './client.ts'
export { decodeJson, decodeJsonAs, encodeJson, noInput, readJson, readJsonAs } from './codec.ts'
export { populateContext, setContentType, setRequestHeader, setResponseHeader } from './hooks.ts'
export { encodeProblem, readProblem } from './problem.ts'
export { stripPrefix } from './proxy/prefix.ts'
export { proxy } from './proxy/proxy.ts'
export { serve } from './serve.ts'
export { server } from './server.ts'
