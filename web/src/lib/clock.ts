// SPDX-License-Identifier: MIT
// One tick a second for all that shows an age; none while nobody looks.

import { signal } from '@preact/signals';

/** The time as of the last tick, on the server's clock as far as it is known. */
export const now = signal(Date.now());
/** The time as of the last tick, by this browser's clock. */
export const browserNow = signal(Date.now());

let offset = 0;

/** The time on the server's clock as far as it is known. */
export const serverNow = (): number => Date.now() + offset;

/** Ages are told by the server's clock: a browser's may be minutes off. */
export function learnServerTime(time: string): void {
  const found = Date.parse(time) - Date.now();
  if (Number.isFinite(found)) {
    offset = Math.abs(found) > 2000 ? found : 0;
  }
}

function tick(): void {
  if (!document.hidden) {
    now.value = serverNow();
    browserNow.value = Date.now();
  }
}

setInterval(tick, 1000);
document.addEventListener('visibilitychange', tick);
