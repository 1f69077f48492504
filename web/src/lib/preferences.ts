// SPDX-License-Identifier: MIT
// What a person has chosen for this browser. Never anything secret.

import { effect, signal, type Signal } from '@preact/signals';

function kept<T>(name: string, usual: T, isValid: (value: unknown) => value is T): Signal<T> {
  const key = `stayler.${name}`;
  let start = usual;
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    start = isValid(found) ? found : usual;
  } catch {
    // Storage may be forbidden, and others may have written there.
  }
  const made = signal(start);
  effect(() => {
    const value = JSON.stringify(made.value);
    try {
      localStorage.setItem(key, value);
    } catch {
      // It then holds until the page is left.
    }
  });
  return made;
}

export type Theme = 'system' | 'light' | 'dark';
const isTheme = (value: unknown): value is Theme =>
  value === 'system' || value === 'light' || value === 'dark';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

/** A filter of jobs, as text, by a name. */
export interface SavedView {
  name: string;
  filter: string;
}
const isView = (value: unknown): value is SavedView => {
  const view = value as Partial<SavedView> | null;
  return typeof view?.name === 'string' && typeof view.filter === 'string';
};
const isViews = (value: unknown): value is SavedView[] =>
  Array.isArray(value) && value.every(isView);

export const theme = kept<Theme>('theme', 'system', isTheme);
export const hasSingleKeys = kept('singleKeys', true, isFlag);
export const isPrivate = kept('privacy', false, isFlag);
export const savedViews = kept<SavedView[]>('views', [], isViews);
export const hiddenColumns = kept<string[]>('hiddenColumns', ['attempt', 'priority'], isNames);

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});

effect(() => {
  document.documentElement.classList.toggle('is-private', isPrivate.value);
});
