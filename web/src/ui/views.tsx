// SPDX-License-Identifier: MIT
// Filters by names of one's own, kept in this browser.

import { Bookmark, X } from 'lucide-preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { savedViews, type SavedView } from '../lib/preferences';

const mostViews = 50;

const addressOf = ({ filter }: SavedView): string =>
  filter ? `/ui/jobs?q=${encodeURIComponent(filter)}` : '/ui/jobs';

/** `filter`: the one that is shown, as text. */
export function ViewsMenu({ filter }: { filter: string }): VNode {
  const [name, setName] = useState('');
  const views = savedViews.value;
  const isFull = views.length >= mostViews;
  const save = (event: Event): void => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted) {
      const others = views.filter((each) => each.name !== wanted);
      savedViews.value = [...others, { name: wanted, filter }].sort((a, b) =>
        a.name.localeCompare(b.name),
      );
      setName('');
    }
  };
  return (
    <details class="menu">
      <summary class="button small">
        <Bookmark size={14} aria-hidden="true" /> Views
      </summary>
      <div class="menu-body views">
        {views.length === 0 && <p class="muted small">None is saved in this browser.</p>}
        {views.length > 0 && (
          <ul aria-label="Saved views">
            {views.map((view) => (
              <li key={view.name}>
                <a
                  href={addressOf(view)}
                  title={view.filter || 'all jobs'}
                  aria-current={view.filter === filter ? 'page' : undefined}
                >
                  <bdi>{view.name}</bdi>
                </a>
                <button
                  type="button"
                  class="icon-button"
                  aria-label={`Forget the view ${view.name}`}
                  onClick={() =>
                    (savedViews.value = views.filter((each) => each.name !== view.name))
                  }
                >
                  <X size={14} aria-hidden="true" />
                </button>
              </li>
            ))}
          </ul>
        )}
        <form onSubmit={save}>
          <label class="field">
            <span class="small">Save what is shown as</span>
            <input
              value={name}
              maxLength={60}
              required
              disabled={isFull}
              placeholder="failed today"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button small" disabled={isFull}>
            Save
          </button>
        </form>
        {isFull && <p class="muted small">There are {mostViews}: forget one first.</p>}
      </div>
    </details>
  );
}
