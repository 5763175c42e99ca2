/* Leaves every 33rd packet out of a recording, but not the first. Usage: node
   lose.mjs FROM.mjr TO.mjr; or lose() of a module. */

import fs from 'node:fs';
import process from 'node:process';

export const firstLoss = 20;

/* Returns how many packets are lost. */
export function lose(from, to) {
  const file = fs.readFileSync(from);
  let at = 10 + file.readUInt16BE(8);
  let lost = 0;
  const kept = [file.subarray(0, at)];
  for (let i = 0; at < file.length; i++) {
    const size = 10 + file.readUInt16BE(at + 8);
    if (i % 33 !== firstLoss)
      kept.push(file.subarray(at, at + size));
    else
      lost++;
    at += size;
  }
  fs.writeFileSync(to, Buffer.concat(kept));
  return lost;
}

if (import.meta.filename === fs.realpathSync(process.argv[1]))
  lose(...process.argv.slice(2));
