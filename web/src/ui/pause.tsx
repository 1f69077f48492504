// SPDX-License-Identifier: MIT
// A type of job that is paused: how that is said, and how it is begun and ended.

import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { explain, send } from '../lib/api';
import { local, words } from '../lib/format';
import type { Pause } from '../lib/types';
import { Dialog } from './dialog';
import { Failure, Time } from './panel';
import { attempt, say } from './toast';

const longestReason = 200;

/** How long a pause may be made here, as the API takes it; empty: until somebody resumes the type. */
const lengths: readonly (readonly [string, string])[] = [
  ['15 minutes', '15m'],
  ['30 minutes', '30m'],
  ['1 hour', '1h'],
  ['4 hours', '4h'],
  ['1 day', '24h'],
  ['Until somebody resumes it', ''],
];

/** "by ops, and go on by themselves in 12 min: switching keys", as far as that is known. */
export function PauseNote({ of: { by, until, reason } }: { of: Pause }): VNode {
  const parts: ComponentChildren[] = [];
  if (by) {
    parts.push(<> by {by}</>);
  }
  if (until) {
    parts.push(
      <>
        , and go on by themselves <Time at={until} /> <span class="muted">({local(until)})</span>
      </>,
    );
  }
  return (
    <>
      {parts}
      {reason ? (
        <>
          : <q class="pause-reason">{reason}</q>
        </>
      ) : (
        '.'
      )}
    </>
  );
}

export function ResumeButton({ type, reload }: { type: string; reload: () => void }): VNode {
  const resume = async (): Promise<void> => {
    await attempt(() => send('POST', `/worker/types/${type}/resume`), `${words(type)} goes on`);
    reload();
  };
  return (
    <button
      type="button"
      class="button small"
      onClick={() => void resume()}
      aria-label={`Resume ${words(type)}`}
    >
      Resume
    </button>
  );
}

export function PauseDialog({
  type,
  reload,
  onClose,
}: {
  type: string;
  reload: () => void;
  onClose: () => void;
}): VNode {
  const [lasts, setLasts] = useState('30m');
  const [reason, setReason] = useState('');
  const [error, setError] = useState('');
  const pause = async (): Promise<void> => {
    setError('');
    try {
      await send('POST', `/worker/types/${type}/pause`, {
        for: lasts || undefined,
        reason: reason.trim() || undefined,
      });
      say(`${words(type)} is paused`);
      reload();
      onClose();
    } catch (failure) {
      setError(explain(failure));
    }
  };
  return (
    <Dialog
      title={`Pause ${words(type)}`}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form="pause-form" class="button is-primary">
            Pause
          </button>
        </>
      }
    >
      <p class="muted">
        Jobs of that type are still taken, and wait. What runs now goes on to its end.
      </p>
      {error && <Failure text={error} />}
      <form
        id="pause-form"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void pause();
        }}
      >
        <label class="field">
          <span>For how long</span>
          <select value={lasts} onChange={(event) => setLasts(event.currentTarget.value)}>
            {lengths.map(([name, value]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Why</span>
          <input
            value={reason}
            maxLength={longestReason}
            placeholder="switching keys"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          <small>Everybody sees it whose jobs wait for it.</small>
        </label>
      </form>
    </Dialog>
  );
}
