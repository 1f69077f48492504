// SPDX-License-Identifier: MIT
// Data of one panel: it loads alone, fails alone, and keeps what it had.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, ApiError } from './api';
import { onGap, onJob } from './live';

export interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  /** When `data` came, by this browser's clock. */
  at: number;
  isLoading: boolean;
  reload: () => void;
  /** Puts another value in place of what was loaded, as events tell of changes. */
  change: (update: (before: T) => T) => void;
}

export interface ResourceOptions {
  /** Loads anew that often while the page is seen; milliseconds. */
  every?: number;
  /** Loads anew when jobs change, once in that many milliseconds at most. */
  onEvents?: number;
}

interface State<T> {
  path: string | null;
  data?: T;
  error?: ApiError;
  at: number;
  isLoading: boolean;
}

/** `path`: null while nothing is to be loaded. */
export function useResource<T>(path: string | null, options: ResourceOptions = {}): Resource<T> {
  const [state, setState] = useState<State<T>>({ path, at: 0, isLoading: path !== null });
  const control = useRef<AbortController | null>(null);

  const load = useCallback(() => {
    control.current?.abort();
    if (path === null) {
      return;
    }
    const own = new AbortController();
    control.current = own;
    setState((before) => ({
      ...(before.path === path ? before : { at: 0 }),
      path,
      isLoading: true,
    }));
    get<T>(path, own.signal).then(
      (data) => own.signal.aborted || setState({ path, data, at: Date.now(), isLoading: false }),
      (error: unknown) => {
        if (!own.signal.aborted) {
          const known = error instanceof ApiError ? error : new ApiError(0, String(error));
          setState((before) => ({ ...before, error: known, isLoading: false }));
        }
      },
    );
  }, [path]);

  useEffect(() => {
    load();
    return () => control.current?.abort();
  }, [load]);

  useEffect(() => onGap(load), [load]);

  useEffect(() => {
    if (!options.every) {
      return undefined;
    }
    const reload = (): void => {
      if (!document.hidden) {
        load();
      }
    };
    const timer = setInterval(reload, options.every);
    document.addEventListener('visibilitychange', reload);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', reload);
    };
  }, [load, options.every]);

  useEffect(() => {
    if (!options.onEvents) {
      return undefined;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = onJob(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        load();
      }, options.onEvents);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [load, options.onEvents]);

  const change = useCallback((update: (before: T) => T) => {
    setState((before) =>
      before.data === undefined ? before : { ...before, data: update(before.data) },
    );
  }, []);

  const isCurrent = state.path === path;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    at: state.at,
    isLoading: state.isLoading || !isCurrent,
    reload: load,
    change,
  };
}
