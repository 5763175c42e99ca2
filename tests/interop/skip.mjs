/* How a test ends that cannot be run here. */

import process from 'node:process';

const skipCode = 77;

export function skip(reason) {
  console.error(`skipped: ${reason}`);
  process.exit(skipCode);
}
