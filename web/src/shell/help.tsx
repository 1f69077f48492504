// SPDX-License-Identifier: MIT
import type { VNode } from 'preact';
import { hasSingleKeys } from '../lib/preferences';
import { session } from '../lib/session';
import { Dialog } from '../ui/dialog';

const keys: [string, string][] = [
  ['/', 'find jobs'],
  ['g n', 'now'],
  ['g j', 'jobs'],
  ['g d', 'dead letters'],
  ['g y', 'try it'],
  ['g w', 'workers'],
  ['g t', 'supervision tree'],
  ['g m', 'money'],
  ['g o', 'notifications'],
  ['g a', 'audit'],
  ['g s', 'settings'],
  ['j k', 'next and previous row, or job of the list'],
  ['x', 'choose the row'],
  ['Enter', 'open the row'],
  ['f', 'flip before and after'],
  ['p', 'blur photos and users'],
  ['?', 'this list'],
];

export function Help({ onClose }: { onClose: () => void }): VNode {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={hasSingleKeys.value}
          onChange={(event) => (hasSingleKeys.value = event.currentTarget.checked)}
        />
        Keys without Ctrl or Alt do something
      </label>
      <p class="muted small">
        Stayler Worker {session.value?.version}. The whole API is described at{' '}
        <a href="/openapi.yaml">/openapi.yaml</a>.
      </p>
    </Dialog>
  );
}
