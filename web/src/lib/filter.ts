// SPDX-License-Identifier: MIT
// The one language of filters: words such as status:failed user:ann since:1h, and the beginning of a
// job's id.

import { serverNow } from './clock';
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
  /** Words that mean nothing, or a time that is none: to be told, for the filter is wider than meant. */
  unknown: string[];
  /** The time on the server's clock that durations are counted from. */
  asOf: number;
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
type SingleWord = Exclude<(typeof filterWords)[number], ListWord>;
const isSingle = (word: string): word is SingleWord =>
  !isList(word) && (filterWords as readonly string[]).includes(word);

/** WORD:VALUE or VALUE alone; a quoted value has backslashes before its quotes and backslashes. */
const parts = /(?:([a-z]+):)?(?:"((?:[^"\\]|\\.)*)"(?!\S)|(\S+))/gs;

const rfc3339 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/** A time, or how long before `asOf`, in RFC 3339; empty where it is neither. */
function moment(text: string, asOf: number): string {
  const ago = parseDuration(text);
  const time = new Date(ago !== null ? asOf - ago : rfc3339.test(text) ? text : NaN);
  return Number.isFinite(time.getTime()) ? time.toISOString() : '';
}

function isValue(word: SingleWord, value: string, asOf: number): boolean {
  return word === 'since' || word === 'before' ? moment(value, asOf) !== '' : value !== '';
}

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
    asOf: serverNow(),
  };
  for (const [part, given, quoted, plain] of text.matchAll(parts)) {
    const value = quoted?.replace(/\\(.)/gs, '$1') ?? plain ?? '';
    const word = given ?? (/^[0-9a-f-]{1,36}$/i.test(value) ? 'id' : '');
    if (isList(word)) {
      found[word].push(...value.split(',').filter((each) => each !== ''));
    } else if (isSingle(word) && found[word] === '' && isValue(word, value, found.asOf)) {
      found[word] = value;
    } else {
      found.unknown.push(part);
    }
  }
  return found;
}

/** The value as it is written in a filter: what has blanks, quotes or backslashes is quoted. */
export function quote(value: string): string {
  return /[\s"\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
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

/** For GET /worker/jobs and its like. */
export function toParameters(filter: Filter): Record<string, string> {
  return {
    status: filter.status.join(','),
    type: filter.type.join(','),
    errorClass: filter.class.join(','),
    userId: filter.user,
    conversionId: filter.conversion,
    q: filter.id,
    since: filter.since && moment(filter.since, filter.asOf),
    before: filter.before && moment(filter.before, filter.asOf),
    group: filter.group,
  };
}

/** For POST /worker/jobs/bulk. */
export function toBulkFilter(filter: Filter): BulkFilter {
  const made: BulkFilter = {};
  const parameters = toParameters(filter);
  // Words that are no status, type or class are for the API to refuse: it says which there are.
  if (filter.status.length > 0) made.status = filter.status as BulkFilter['status'];
  if (filter.type.length > 0) made.type = filter.type as BulkFilter['type'];
  if (filter.class.length > 0) made.errorClass = filter.class as BulkFilter['errorClass'];
  for (const name of ['userId', 'conversionId', 'q', 'since', 'before', 'group'] as const) {
    const value = parameters[name];
    if (value) {
      made[name] = value;
    }
  }
  // The status alone is taken only where it is said to be meant.
  return isEmpty({ ...filter, status: [] }) ? { ...made, all: true } : made;
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
