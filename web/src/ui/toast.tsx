// SPDX-License-Identifier: MIT
// What became of an action, said where it does not move anything, and to screen readers.

import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { explain } from '../lib/api';

interface Toast {
  id: number;
  text: string;
  isError: boolean;
}

const shown = signal<Toast[]>([]);
let next = 0;

export function say(text: string, isError = false): void {
  const id = (next += 1);
  shown.value = [...shown.value.slice(-2), { id, text, isError }];
  setTimeout(
    () => {
      shown.value = shown.value.filter((each) => each.id !== id);
    },
    isError ? 10_000 : 5_000,
  );
}

/** Does it, and says how it went; true where it went well. */
export async function attempt(task: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await task();
    say(done);
    return true;
  } catch (error) {
    say(explain(error), true);
    return false;
  }
}

export function Toasts(): VNode {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((each) => (
        <div key={each.id} class={`toast ${each.isError ? 'tone-bad' : ''}`}>
          {each.text}
        </div>
      ))}
    </div>
  );
}
