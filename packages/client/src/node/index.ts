/** `@sonde/client/node`: what needs Node, apart from the client that runs everywhere. */
export { BaseMain, type MainOptions } from './base-main.ts'
export { openFile } from './platform.ts'
export { promptPassword, type Terminal } from './prompt-password.ts'
