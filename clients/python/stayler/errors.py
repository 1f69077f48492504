# SPDX-License-Identifier: MIT
"""What a call has failed of."""
import json
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPMessage
from typing import Any

from .answers import FieldProblem, Problem
from .enumerations import ErrorClass
from .form import from_json

_PASSING_CLASSES = frozenset(
    (
        'timeout',
        'connection',
        'rate_limited',
        'unavailable',
        'server_error',
        'worker_lost',
        'store_full',
        'held',
    )
)
# Of answers that are not the service's own.
_PASSING_STATUSES = frozenset((408, 429, 502, 503, 504))


class StaylerError(Exception):
    """The service's refusal, or that there was no answer.

    status       the HTTP status, or 0 where no answer came
    class_       the kind of failure, for programs; None where something between here and the service has answered
    title        the status in words
    detail       what went wrong, for people
    fields       the bad fields of the request
    request_id   the name of the call in the service's log
    retryable    whether the same call may succeed later
    retry_after  how many seconds the service asks to wait before that; None where it does not say
    """

    def __init__(
        self,
        status: int,
        class_: ErrorClass | None,
        detail: str,
        *,
        title: str = '',
        fields: tuple[FieldProblem, ...] = (),
        request_id: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        text = f'{status} {class_}: {detail}' if status else detail
        super().__init__(f'{text} (request {request_id})' if request_id else text)
        self.status = status
        self.class_ = class_
        self.title = title
        self.detail = detail
        self.fields = fields
        self.request_id = request_id
        self.retryable = retryable
        self.retry_after = retry_after


def no_answer(address: str, cause: Exception) -> StaylerError:
    class_: ErrorClass = 'timeout' if isinstance(cause, TimeoutError) else 'connection'
    return StaylerError(0, class_, f'no answer from {address}: {str(cause) or type(cause).__name__}', retryable=True)


def refusal(status: int, headers: HTTPMessage, body: bytes) -> StaylerError:
    """Of an answer that is not a success."""
    problem = _problem(headers, body)
    class_ = problem.error if problem else None
    return StaylerError(
        status,
        class_,
        (problem and problem.detail) or f"the answer is not one of the service's own: {status}",
        title=(problem and problem.title) or _title(status),
        fields=(problem and problem.errors) or (),
        request_id=headers.get('X-Request-Id'),
        retryable=class_ in _PASSING_CLASSES if class_ else status in _PASSING_STATUSES,
        retry_after=_retry_after(headers.get('Retry-After')),
    )


def _problem(headers: HTTPMessage, body: bytes) -> Problem | None:
    if 'json' not in headers.get('Content-Type', ''):
        return None
    try:
        value: Any = json.loads(body)
    except ValueError:
        return None
    return from_json(Problem, value) if isinstance(value, dict) else None


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)


def _retry_after(value: str | None) -> float | None:
    """Seconds, or a date."""
    if value is None:
        return None
    if value.isdigit():
        return float(value)
    try:
        wait = (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds()
    except (TypeError, ValueError):
        return None
    return max(wait, 0.0)
