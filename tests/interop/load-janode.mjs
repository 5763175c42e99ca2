/* Janode, without the native module that it loads for Unix sockets, which is
   not built here. */

import { register } from 'node:module';
import process from 'node:process';
import { skip } from './skip.mjs';

process.argv.push('--janode-log=none');
const noUnix = `export const resolve = (name, context, next) =>
  name === 'unix-dgram' ?
    { url: 'data:text/javascript,export const createSocket = null',
      shortCircuit: true } :
    next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(noUnix)}`);

/* Janode itself and its part for one plugin; where it is not installed the
   test ends, skipped. */
export async function loadJanode(plugin) {
  try {
    return [(await import('janode')).default,
      (await import(`janode/plugins/${plugin}`)).default];
  } catch (error) {
    return skip(`no janode: run npm ci in tests/interop (${error.message})`);
  }
}
