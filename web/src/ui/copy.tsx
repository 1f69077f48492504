// SPDX-License-Identifier: MIT
// Copies a text, also where the page came over plain http and the clipboard's API is not there.

import { Check, Copy } from 'lucide-preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => copyBySelection(text),
    );
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  document.body.append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  return isDone;
}

export function CopyButton({
  text,
  label,
}: {
  text: string | (() => string);
  label: string;
}): VNode {
  const [isDone, setDone] = useState(false);
  const act = async (): Promise<void> => {
    if (await copy(typeof text === 'string' ? text : text())) {
      setDone(true);
      setTimeout(() => setDone(false), 2000);
    }
  };
  return (
    <button type="button" class="button small" onClick={() => void act()}>
      {isDone ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
      {isDone ? 'Copied' : label}
    </button>
  );
}
