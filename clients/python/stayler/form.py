# SPDX-License-Identifier: MIT
"""Between dataclasses and the service's JSON.

A member is called as the field is, in camel case: `user_id` is `userId`, and `class_` is `class`. What is None is left
out, members that a class does not have are ignored, and those that an answer lacks are None.
"""
import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, TypeVar

T = TypeVar('T')

_UNITS = {'h': 3_600_000, 'm': 60_000, 's': 1000, 'ms': 1}


def member_name(field: str) -> str:
    first, *more = field.rstrip('_').split('_')
    return first + ''.join(part.capitalize() for part in more)


def to_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        members = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {member_name(name): to_json(each) for name, each in members.items() if each is not None}
    if isinstance(value, Mapping):
        return {name: to_json(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(each) for each in value]
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    return value


def from_json(wanted: type[T], value: Any) -> T:
    """A value of that dataclass."""
    made: T = _read(wanted, value)
    return made


def time_text(at: datetime) -> str:
    """A time without a zone is taken for one of this machine's zone."""
    text = at.astimezone(timezone.utc).isoformat(timespec='milliseconds')
    return text.removesuffix('+00:00') + 'Z'


def duration_text(duration: timedelta) -> str:
    milliseconds = round(duration.total_seconds() * 1000)
    return f'{milliseconds}ms' if milliseconds % 1000 else f'{milliseconds // 1000}s'


def parse_duration(text: str) -> timedelta:
    parts = re.findall(r'([0-9.]+)(ms|h|m|s)', text)
    return timedelta(milliseconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    return typing.get_type_hints(wanted)


def _read(wanted: Any, value: Any) -> Any:
    origin = typing.get_origin(wanted)
    arguments = typing.get_args(wanted)
    if value is None:
        return None
    if origin in (typing.Union, types.UnionType):
        return _read(_chosen(arguments, value), value)
    if origin is tuple:
        return tuple(_read(arguments[0], each) for each in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {name: _read(arguments[1], each) for name, each in value.items()}
    if dataclasses.is_dataclass(wanted):
        made: Any = wanted
        hints = _hints(made)
        fields = {field.name: value.get(member_name(field.name)) for field in dataclasses.fields(wanted)}
        return made(**{name: _read(hints[name], each) for name, each in fields.items()})
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is timedelta:
        return parse_duration(value)
    return value


def _chosen(alternatives: tuple[Any, ...], value: Any) -> Any:
    """The mapping where there is one, which loses nothing; else the class that has all that it needs."""
    for each in alternatives:
        origin = typing.get_origin(each)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return each
    for each in alternatives:
        if dataclasses.is_dataclass(each) and isinstance(value, Mapping):
            fields = dataclasses.fields(each)
            needed = [field.name for field in fields if field.default is dataclasses.MISSING]
            if all(member_name(name) in value for name in needed):
                return each
    return next(each for each in alternatives if each is not type(None))
