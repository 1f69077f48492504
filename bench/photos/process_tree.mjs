// SPDX-License-Identifier: MIT
// What a process and its descendants use, read from /proc.
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100; // USER_HZ, the same on all Linux

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

function statOf(pid) {
  // The name, in parentheses, may hold anything.
  const fields = read(`/proc/${pid}/stat`).split(') ').pop().split(' ');
  return { parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, f) => sum + Number(f), 0) };
}

function tree(root) {
  const children = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const { parent } = statOf(pid);
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/// Seconds of processor time, with those of children that have ended.
export function cpuSeconds(root) {
  return tree(root).reduce((sum, pid) => sum + (statOf(pid).ticks || 0), 0) / ticksPerSecond;
}

/// MiB in memory; pages that several share are counted once.
export function memoryMiB(root) {
  return (
    tree(root).reduce((sum, pid) => {
      const found = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`));
      return sum + (found ? Number(found[1]) : 0);
    }, 0) / 1024
  );
}
