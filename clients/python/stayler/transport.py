# SPDX-License-Identifier: MIT
"""Calls over http.client: each try on a connection of its own, so that threads may share a transport."""
import http.client
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .errors import StaylerError, no_answer, refusal


@dataclass(frozen=True)
class Options:
    """How calls are made; times are in seconds.

    tries          how often a call is made at most, the first time included
    timeout        how long one try may wait for bytes
    least_pause    the pause after the first try that failed; it doubles each time, and a random part is waited for
    longest_pause  bounds these pauses, and Retry-After: what asks for more is raised as an error at once
    silence        how long a stream of events may bring no byte before it is taken for dead; the service sends one
                   every 15 s
    reconnect_for  how long a stream that is lost tries to come back
    """

    tries: int = 5
    timeout: float = 60.0
    least_pause: float = 0.2
    longest_pause: float = 30.0
    silence: float = 45.0
    reconnect_for: float = 300.0
    ssl_context: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Call:
    """`takes` tells of an answer that is no success whether it is read like one. `settle` is asked, after a try whose
    answer was lost, whether a 409 or 404 of the next means that the lost one did it, and with which answer."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    takes: Callable[['Answer'], bool] = lambda _: False
    settle: Callable[[], 'Answer | None'] = lambda: None


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Transport:
    def __init__(self, address: str, api_key: str | None, options: Options) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ('http', 'https') or parts.hostname is None:
            raise ValueError(f'an address is http://HOST[:PORT] or https://HOST[:PORT], not {address!r}')
        self.address = address
        self.options = options
        self._is_secure = parts.scheme == 'https'
        self._host = parts.hostname
        self._port = parts.port
        self._prefix = parts.path.rstrip('/')
        self._api_key = api_key

    def do(self, call: Call) -> Answer:
        """Makes a call until it succeeds, is refused for good, or the tries are used up."""
        is_answer_lost = False
        failures = 0
        while True:
            try:
                return self._try_once(call)
            except StaylerError as failed:
                if failed.status in (404, 409) and is_answer_lost and (settled := call.settle()):
                    return settled
                failures += 1
                if not failed.retryable or failures >= self.options.tries or self.is_too_long(failed):
                    raise
                # A gateway that gave up waiting does not know either whether it was done.
                is_answer_lost = is_answer_lost or failed.status == 0 or failed.status >= 502
                time.sleep(self.pause(failures, failed))

    def is_too_long(self, failed: StaylerError) -> bool:
        return (failed.retry_after or 0) > self.options.longest_pause

    def pause(self, failures: int, failed: StaylerError) -> float:
        """As long as the service asks, and a random time, so that not all callers come back at once."""
        longest = min(self.options.least_pause * 2 ** min(failures - 1, 16), self.options.longest_pause)
        return (failed.retry_after or 0) + random.uniform(0, longest)

    def connect(self, timeout: float) -> http.client.HTTPConnection:
        if not self._is_secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=timeout, context=self.options.ssl_context
        )

    def send(self, connection: http.client.HTTPConnection, call: Call) -> None:
        headers = {'User-Agent': 'stayler-python', 'Connection': 'close', **call.headers}
        if self._api_key:
            headers['Authorization'] = f'Bearer {self._api_key}'
        connection.request(call.method, self._prefix + call.path, body=call.body, headers=headers)

    def _try_once(self, call: Call) -> Answer:
        connection = self.connect(self.options.timeout)
        try:
            self.send(connection, call)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as cause:
            raise no_answer(self.address, cause) from cause
        finally:
            connection.close()
        if answer.status >= 300 and not call.takes(answer):
            raise refusal(answer.status, answer.headers, answer.body)
        return answer
