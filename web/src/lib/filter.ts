// SPDX-License-Identifier: MIT
// The one language of filters: words such as status:failed user:ann since:1h, and the beginning of a
// job's id.

import { parseDuration } from './format';
import type { BulkFilter } from './types';

export interface Filter {
  status: string[];
  type: string[];
  class: string[];
  user: string;
  conversion: string;
  id: string;
  since: string;
  before: string;
  group: string;
  /** Words that mean nothing, to be told. */
  unknown: string[];
}

export const filterWords = [
  'status',
  'type',
  'class',
  'user',
  'conversion',
  'id',
  'since',
  'before',
  'group',
] as const;

const lists = ['status', 'type', 'class'] as const;
type ListWord = (typeof lists)[number];
const isList = (word: string): word is ListWord => (lists as readonly string[]).includes(word);

export function parseFilter(text: string): Filter {
  const found: Filter = {
    status: [],
    type: [],
    class: [],
    user: '',
    conversion: '',
    id: '',
    since: '',
    before: '',
    group: '',
    unknown: [],
  };
  for (const [part, word, quoted, plain] of text.matchAll(/(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/g)) {
    const value = quoted ?? plain ?? '';
    if (word === undefined) {
      if (/^[0-9a-f-]{1,36}$/i.test(value)) {
        found.id = value;
      } else {
        found.unknown.push(part);
      }
    } else if (isList(word)) {
      found[word].push(...value.split(',').filter((each) => each !== ''));
    } else if ((filterWords as readonly string[]).includes(word)) {
      found[word as Exclude<(typeof filterWords)[number], ListWord>] = value;
    } else {
      found.unknown.push(part);
    }
  }
  return found;
}

function quote(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}

export function printFilter(filter: Filter): string {
  return filterWords
    .map((word) => {
      const value = filter[word];
      const text = Array.isArray(value) ? value.join(',') : quote(value);
      return text && `${word}:${text}`;
    })
    .concat(filter.unknown)
    .filter((part) => part !== '')
    .join(' ');
}

/** A time, or how long before now, in RFC 3339; empty where it is neither. */
function moment(text: string): string {
  const ago = parseDuration(text);
  const time = ago !== null ? Date.now() - ago : Date.parse(text);
  return Number.isFinite(time) ? new Date(time).toISOString() : '';
}

/** For GET /worker/jobs and its like. */
export function toParameters(filter: Filter): Record<string, string> {
  return {
    status: filter.status.join(','),
    type: filter.type.join(','),
    errorClass: filter.class.join(','),
    userId: filter.user,
    conversionId: filter.conversion,
    q: filter.id,
    since: filter.since && moment(filter.since),
    before: filter.before && moment(filter.before),
    group: filter.group,
  };
}

/** For POST /worker/jobs/bulk. */
export function toBulkFilter(filter: Filter): BulkFilter {
  const made: BulkFilter = {};
  const parameters = toParameters(filter);
  if (filter.status.length > 0) made.status = filter.status;
  if (filter.type.length > 0) made.type = filter.type;
  if (filter.class.length > 0) made.errorClass = filter.class;
  for (const name of ['userId', 'conversionId', 'q', 'since', 'before', 'group'] as const) {
    const value = parameters[name];
    if (value) {
      made[name] = value;
    }
  }
  return made;
}

export function isEmpty(filter: Filter): boolean {
  return printFilter({ ...filter, unknown: [] }) === '';
}

/** Whether a job of that kind belongs to the list, as far as an event can tell. */
export function matches(
  filter: Filter,
  event: { status: string; type: string; userId: string; jobId: string },
): boolean {
  return (
    (filter.status.length === 0 || filter.status.includes(event.status)) &&
    (filter.type.length === 0 || filter.type.includes(event.type)) &&
    (filter.user === '' || filter.user === event.userId) &&
    (filter.id === '' || event.jobId.startsWith(filter.id)) &&
    filter.conversion === '' &&
    filter.class.length === 0 &&
    filter.group === '' &&
    filter.before === ''
  );
}
