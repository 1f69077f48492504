# SPDX-License-Identifier: MIT
"""The cases of clients/contract/cases.json: what a client is asked to do, and what has to come of it."""
import json
import re
from typing import Any

from fault_proxy import FaultProxy


class CaseTable:
    """`begin` says what to call, `end` what was wrong with what came of it. Cases build on those before them."""

    def __init__(self, path: str, proxy: FaultProxy, keys: dict[str, str]) -> None:
        with open(path, encoding='utf-8') as file:
            self._cases = json.load(file)['cases']
        self._proxy = proxy
        self._keys = keys
        self._kept: dict[str, Any] = {}
        names = [case['name'] for case in self._cases]
        assert len(set(names)) == len(names), 'two cases of one name'

    def names(self) -> list[str]:
        return [case['name'] for case in self._cases]

    def begin(self, name: str) -> dict:
        case = self._case(name)
        self._proxy.plan(case.get('faults', []))
        holder = case.get('key', 'submitter')
        return {
            'call': case['call'],
            'with': self._filled(case.get('with', {})),
            'key': {'none': '', 'wrong': 'wrong'}.get(holder) or self._keys.get(holder, ''),
        }

    def end(self, name: str, outcome: dict) -> list[str]:
        """`outcome` is {"answer": ...} or {"error": ...}. What is wrong with it, in words."""
        case = self._case(name)
        wanted = {part: case[part] for part in ('answer', 'error') if part in case}
        problems = mismatches(self._filled(wanted), outcome, name)
        seen = self._proxy.seen()
        problems += mismatches(self._filled(case.get('request', {})), as_json(seen[0]) if seen else {}, 'request')
        problems += conversation_problems(case.get('conversation', {}), seen)
        for variable, path in case.get('keep', {}).items():
            value = outcome.get('answer', {})
            for part in path.split('.'):
                value = value.get(part) if isinstance(value, dict) else None
            self._kept[variable] = value
        return problems

    def _case(self, name: str) -> dict:
        return next(case for case in self._cases if case['name'] == name)

    def _filled(self, value: Any) -> Any:
        """With what earlier cases have kept in the place of `$name`."""
        if isinstance(value, dict):
            return {name: self._filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        if isinstance(value, str):
            return re.sub(r'\$(\w+)', lambda found: str(self._kept.get(found[1], found[0])), value)
        return value


def as_json(request: dict) -> dict:
    try:
        body = json.loads(request['body'])
    except ValueError:
        body = None
    return {**request, 'body': body}


def mismatches(wanted: Any, found: Any, place: str) -> list[str]:
    """Where `found` is not what is wanted: of objects all wanted members, of lists all entries.

    In place of a value: {"is": "there"}, {"is": "absent"}, {"oneOf": [...]}, {"matches": "expression"}; of a list:
    {"first": ..., "last": ..., "different": "member"}.
    """
    if isinstance(wanted, dict) and (rule := _rule_of(wanted)):
        return ['%s: %s is not %s' % (place, found, wanted)] if not rule(wanted, found) else []
    if isinstance(wanted, dict) and 'first' in wanted and isinstance(found, list):
        marks = [each.get(wanted['different']) for each in found]
        repeated = [] if len(set(marks)) == len(marks) else ['%s: repeated: %s' % (place, marks)]
        ends = {'first': found[:1], 'last': found[-1:]}
        return repeated + [
            problem
            for end, entries in ends.items()
            for problem in (mismatches([wanted[end]], entries, place + '.' + end) if end in wanted else [])
        ]
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [
            problem
            for name, each in wanted.items()
            for problem in mismatches(each, found.get(name), place + '.' + name)
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [
            problem
            for index, each in enumerate(wanted)
            for problem in mismatches(each, found[index], '%s[%d]' % (place, index))
        ]
    return [] if wanted == found else ['%s: %s is not %s' % (place, found, wanted)]


def _rule_of(wanted: dict):
    rules = {
        'is': lambda rule, found: (found not in (None, '')) == (rule['is'] == 'there'),
        'oneOf': lambda rule, found: found in rule['oneOf'],
        'matches': lambda rule, found: isinstance(found, str) and re.fullmatch(rule['matches'], found),
    }
    return rules.get(next(iter(wanted))) if len(wanted) == 1 else None


def conversation_problems(wanted: dict, seen: list[dict]) -> list[str]:
    """`requests`: how many; `sameHeader`: one that all have alike; `resumed`: that the last names the event to go on
    from; `pause`: the least number of seconds before the second."""
    problems = []
    if 'requests' in wanted and len(seen) != wanted['requests']:
        problems.append('%d requests and not %d' % (len(seen), wanted['requests']))
    if 'sameHeader' in wanted:
        values = {request['headers'].get(wanted['sameHeader']) for request in seen}
        if len(values) != 1 or None in values:
            problems.append('%s is not the same: %s' % (wanted['sameHeader'], values))
    if wanted.get('resumed') and (len(seen) < 2 or not seen[-1]['headers'].get('last-event-id')):
        problems.append('the stream was not resumed: %s' % [request['headers'] for request in seen])
    if 'pause' in wanted and (len(seen) < 2 or seen[1]['at'] - seen[0]['at'] < wanted['pause']):
        problems.append('no pause of %s s' % wanted['pause'])
    return problems
