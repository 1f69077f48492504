# SPDX-License-Identifier: MIT
"""Streams of events, which come back by themselves where they were."""
import http.client
import json
import socket
import time
from dataclasses import dataclass
from typing import Literal

from .answers import Job, JobEvent
from .enumerations import FINAL_STATUSES, JobStatus
from .errors import StaylerError, no_answer, refusal
from .form import from_json
from .transport import Call, Transport

EventKind = Literal['snapshot', 'status', 'progress', 'gap']


@dataclass(frozen=True)
class Event:
    """Something that has happened to a job: `job` of a snapshot, `change` of all others but a gap.

    A gap says that events have been missed: what is known of jobs has to be asked for anew. `id` is where a later stream
    can go on.
    """

    id: str
    kind: EventKind
    job: Job | None = None
    change: JobEvent | None = None

    @property
    def status(self) -> JobStatus | None:
        about = self.job or self.change
        return about.status if about else None


class Events:
    """An iterator of events, for one thread at a time; also a context manager, which closes it."""

    def __init__(
        self, transport: Transport, path: str, *, is_one_job: bool, last_id: str | None, timeout: float | None
    ) -> None:
        self._transport = transport
        self._path = path
        self._is_one_job = is_one_job
        self._last_id = last_id or ''
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._is_over = False
        self._failures = 0
        self._lost_at: float | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._socket: socket.socket | None = None
        self._response: http.client.HTTPResponse | None = None

    def __iter__(self) -> 'Events':
        return self

    def __enter__(self) -> 'Events':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream."""
        self._is_over = True
        self._disconnect()

    def __next__(self) -> Event:
        while not self._is_over:
            try:
                if self._response is None:
                    self._connect()
                    continue
                event = self._read(self._response)
            except (OSError, ValueError, http.client.HTTPException) as cause:
                self._come_back(no_answer(self._transport.address, cause))
            except StaylerError as failed:
                self._come_back(failed)
            else:
                if event is not None:
                    self._is_over = self._is_one_job and event.status in FINAL_STATUSES
                    return event
        self._disconnect()
        raise StopIteration

    def _connect(self) -> None:
        self._check_deadline()
        connection = self._transport.connect(self._patience())
        self._connection = connection
        headers = {'Accept': 'text/event-stream'}
        if self._last_id:
            headers['Last-Event-ID'] = self._last_id
        self._transport.send(connection, Call('GET', self._path, headers=headers))
        self._socket = connection.sock
        response = connection.getresponse()
        if response.status == 204:
            # The job had ended with the last event.
            self.close()
        elif response.status != 200:
            raise refusal(response.status, response.headers, response.read())
        else:
            self._response = response

    def _disconnect(self) -> None:
        for each in (self._response, self._connection):
            if each is not None:
                each.close()
        self._response = self._connection = self._socket = None

    def _come_back(self, failed: StaylerError) -> None:
        """Waits before another try; raises the error where none is to be made."""
        self._disconnect()
        self._check_deadline()
        now = time.monotonic()
        self._failures += 1
        self._lost_at = self._lost_at or now
        is_late = now - self._lost_at > self._transport.options.reconnect_for
        if not failed.retryable or is_late or self._transport.is_too_long(failed):
            self._is_over = True
            raise failed
        pause = self._transport.pause(self._failures, failed)
        time.sleep(pause if self._deadline is None else min(pause, max(self._deadline - now, 0)))

    def _check_deadline(self) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self.close()
            raise StaylerError(0, 'timeout', 'the job has not ended in the time given for it', retryable=True)

    def _patience(self) -> float:
        silence = self._transport.options.silence
        if self._deadline is None:
            return silence
        return min(silence, max(self._deadline - time.monotonic(), 0.001))

    def _read(self, response: http.client.HTTPResponse) -> Event | None:
        """Reads up to the end of one event; None where that is none for the caller. Only a whole one counts: of one that
        is cut off, the id is not kept either."""
        fields: dict[str, list[str]] = {}
        while True:
            self._check_deadline()
            if self._socket is not None:
                self._socket.settimeout(self._patience())
            line = response.readline()
            if not line.endswith(b'\n'):
                raise ConnectionError('the stream has ended')
            text = line.decode().rstrip('\r\n')
            if not text:
                break
            name, _, value = text.partition(':')
            fields.setdefault(name, []).append(value.removeprefix(' '))
        if 'id' in fields:
            # Also of a quiet stream, which moves on by ids alone.
            self._last_id, self._failures, self._lost_at = fields['id'][-1], 0, None
        return self._made(fields.get('event', [''])[-1], '\n'.join(fields.get('data', [])))

    def _made(self, kind: str, data: str) -> Event | None:
        match kind:
            case 'snapshot':
                return Event(self._last_id, kind, job=from_json(Job, json.loads(data)))
            case 'status' | 'progress':
                return Event(self._last_id, kind, change=from_json(JobEvent, json.loads(data)))
            case 'gap':
                return Event(self._last_id, kind)
            case _:
                return None
