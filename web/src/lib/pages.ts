// SPDX-License-Identifier: MIT
// What the API tells page by page: the first one is kept up to date, and older ones are put behind it.

import { useState } from 'preact/hooks';
import { explain, get } from './api';
import { useResource, type Resource, type ResourceOptions } from './resource';
import { say } from '../ui/toast';

export interface Pages<Page> {
  first: Resource<Page>;
  older: Page[];
  hasMore: boolean;
  more: () => Promise<void>;
}

/** `path`: with a query. */
export function usePages<Page extends { nextCursor: string | null }>(
  path: string,
  options: ResourceOptions,
): Pages<Page> {
  const first = useResource<Page>(path, options);
  const [behind, setBehind] = useState<{ path: string; pages: Page[] }>({ path, pages: [] });
  const older = behind.path === path ? behind.pages : [];
  const cursor = (older.at(-1) ?? first.data)?.nextCursor ?? null;
  const more = async (): Promise<void> => {
    try {
      const page = await get<Page>(`${path}&cursor=${encodeURIComponent(cursor ?? '')}`);
      setBehind({ path, pages: [...older, page] });
    } catch (error) {
      say(explain(error), true);
    }
  };
  return { first, older, hasMore: cursor !== null, more };
}
