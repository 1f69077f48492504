// SPDX-License-Identifier: MIT
import { Search as Glass } from 'lucide-preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { onKey } from '../lib/keyboard';

const jobId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A whole id goes to its job; anything else is the filter of the list. */
export function Search(): VNode {
  const { route, path, query } = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const current = path === '/ui/jobs' ? (query['q'] ?? '') : '';
  useEffect(() => setText(current), [current]);
  useEffect(() => onKey('/', () => field.current?.focus()), []);
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = text.trim();
        route(
          jobId.test(wanted)
            ? `/ui/jobs/${wanted.toLowerCase()}`
            : `/ui/jobs?q=${encodeURIComponent(wanted)}`,
        );
        field.current?.blur();
      }}
    >
      <Glass size={16} aria-hidden="true" />
      <input
        ref={field}
        type="search"
        value={text}
        placeholder="Job id, or status:failed user:ann since:1h"
        aria-label="Find jobs"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}
