// SPDX-License-Identifier: MIT
// Keys that do something wherever one is on the page. Single letters can be switched off.

import { hasSingleKeys } from './preferences';

export type KeyAction = (event: KeyboardEvent) => void;

const actions = new Map<string, KeyAction>();
let isAfterG = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** `keys`: a key's name, or "g" and one. Returns what ends it. */
export function onKey(keys: string, action: KeyAction): () => void {
  actions.set(keys, action);
  return () => {
    if (actions.get(keys) === action) {
      actions.delete(keys);
    }
  };
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return (
    target.isContentEditable ||
    (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) &&
      (target as HTMLInputElement).type !== 'checkbox')
  );
}

/** What has the focus does something itself with Enter. */
function isForFocused(event: KeyboardEvent): boolean {
  return (
    event.key === 'Enter' &&
    (event.target as HTMLElement).closest('a, button, summary, input') !== null
  );
}

addEventListener('keydown', (event) => {
  if (
    !hasSingleKeys.value ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    isTyping(event) ||
    isForFocused(event) ||
    document.querySelector('dialog[open]')
  ) {
    return;
  }
  if (event.key === 'g' && !isAfterG) {
    isAfterG = true;
    clearTimeout(timer);
    timer = setTimeout(() => (isAfterG = false), 1500);
    return;
  }
  const action = actions.get(isAfterG ? `g ${event.key}` : event.key);
  isAfterG = false;
  if (action) {
    event.preventDefault();
    action(event);
  }
});
