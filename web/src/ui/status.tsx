// SPDX-License-Identifier: MIT
// A state is told by shape, word and colour: each of them alone would do.

import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  Clock,
  LoaderCircle,
  type LucideIcon,
} from 'lucide-preact';
import type { VNode } from 'preact';

type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet';

const shapes: Record<string, [Tone, LucideIcon]> = {
  pending: ['quiet', CircleDashed],
  scheduled: ['quiet', Clock],
  processing: ['busy', LoaderCircle],
  completed: ['good', CircleCheck],
  failed: ['bad', CircleAlert],
  cancelled: ['quiet', CircleSlash],
  healthy: ['good', CircleCheck],
  up: ['good', CircleCheck],
  running: ['good', CircleCheck],
  closed: ['good', CircleCheck],
  delivered: ['good', CircleCheck],
  succeeded: ['good', CircleCheck],
  refused: ['warn', CircleSlash],
  busy: ['busy', LoaderCircle],
  idle: ['quiet', CircleDashed],
  open: ['warn', Clock],
  degraded: ['warn', CircleAlert],
  half_open: ['warn', CircleAlert],
  draining: ['warn', CircleAlert],
  starting: ['warn', Clock],
  restarting: ['warn', Clock],
  unhealthy: ['bad', CircleAlert],
  stopped: ['bad', CircleSlash],
  given_up: ['bad', CircleAlert],
};

export function Status({ of, label, tone }: { of: string; label?: string; tone?: Tone }): VNode {
  const [usual, Shape] = shapes[of] ?? ['quiet', CircleDashed];
  return (
    <span class={`status tone-${tone ?? usual}`}>
      <Shape size={14} aria-hidden="true" />
      {label ?? of.replace(/_/g, ' ')}
    </span>
  );
}
