/** `@sonde/client/node`: what needs Node, apart from the client that runs everywhere. */
export { openFile } from './platform.ts'
