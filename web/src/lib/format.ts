// SPDX-License-Identifier: MIT
// How values are written. All of these are pure; times of the server are RFC 3339 in UTC.

const wholeNumber = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const percentage = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

export const none = '–';

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? none : wholeNumber.format(value);
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined || !Number.isFinite(share)
    ? none
    : percentage.format(share);
}

/** US dollars: cents where there are many, up to four more digits where there are few. */
export function money(dollars: number | null | undefined): string {
  if (dollars === null || dollars === undefined) {
    return none;
  }
  const digits = dollars !== 0 && Math.abs(dollars) < 1 ? 4 : 2;
  return `$${dollars.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let unit = 0;
  let scaled = value;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${scaled.toFixed(unit === 0 || scaled >= 100 ? 0 : 1)} ${units[unit]}`;
}

/** A length of time with its two largest units, as short as it can be: 340 ms, 2.4 s, 3 min 5 s. */
export function duration(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined || !Number.isFinite(milliseconds)) {
    return none;
  }
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  }
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) {
    return joinUnits(minutes, 'min', Math.floor((ms % 60_000) / 1000), 's');
  }
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? joinUnits(hours, 'h', minutes % 60, 'min')
    : joinUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small > 0 ? `${large} ${largeUnit} ${small} ${smallUnit}` : `${large} ${largeUnit}`;
}

const durationUnits: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a duration as the API writes it ("600s", "1h30m"); null where it is none. */
export function parseDuration(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    return null;
  }
  return parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (durationUnits[unit ?? ''] ?? 0),
    0,
  );
}

/** How long ago, or until when, seen from `now`: "12 s ago", "in 3 min". */
export function relative(time: string, now: number): string {
  const passed = now - Date.parse(time);
  if (Math.abs(passed) < 1000) {
    return 'now';
  }
  const [text] = duration(
    Math.abs(passed) < 10_000 ? Math.round(Math.abs(passed) / 1000) * 1000 : Math.abs(passed),
  )
    .replace('.0', '')
    .split(/(?<=[a-z]) /);
  return passed > 0 ? `${text} ago` : `in ${text}`;
}

export function local(time: string): string {
  return new Date(time).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
  });
}

export function clock(time: string): string {
  return new Date(time).toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

/** Words for a name of the API: image_conversion → "image conversion". */
export function words(name: string): string {
  return name
    .replace(/_/g, ' ')
    .replace(
      /([a-z])([A-Z])/g,
      (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
    );
}

/** The end of an id: UUIDv7s of one hour begin alike. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}

export function priorityName(priority: number): string {
  const names: Record<number, string> = { 1: 'low', 5: 'normal', 10: 'high', 20: 'urgent' };
  return names[priority] ?? String(priority);
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
