# SPDX-License-Identifier: MIT
"""The calls of the service."""
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http.client import HTTPMessage
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from .answers import Batch, Image, Job, JobPage, Picture, Status, WorkerHealth
from .enumerations import FINAL_STATUSES, ErrorClass, ImageType, JobStatus, JobType
from .events import Events
from .form import from_json, time_text, to_json
from .requests import JobRequest
from .transport import Answer, Call, Options, Transport

T = TypeVar('T')


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs are listed; what is not given leaves the choice open.

    id_prefix is the beginning of a job's id, since and before say when jobs came, limit is the most jobs of a page (50,
    and 500 at most), cursor the next_cursor of the page before.
    """

    status: Sequence[JobStatus] = ()
    type: Sequence[JobType] = ()
    error_class: Sequence[ErrorClass] = ()
    user_id: str | None = None
    conversion_id: str | None = None
    id_prefix: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    limit: int | None = None
    cursor: str | None = None


class Client:
    """Calls one service. Threads may share it. Every call may raise a StaylerError."""

    def __init__(self, address: str, api_key: str | None = None, options: Options = Options()) -> None:
        """`address` is one such as http://127.0.0.1:8080, `api_key` one of WORKER_API_KEYS in clear; a service on loopback
        without keys needs none."""
        self._transport = Transport(address, api_key, options)

    # Pictures

    def upload_image(
        self, content: bytes, *, user_id: str | None = None, type: ImageType | None = None
    ) -> Image:
        """Stores a picture: JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF, told by its bytes. An answer that was lost
        leaves a picture behind to which nothing refers."""
        path = '/images' + _query({'userId': user_id, 'type': type})
        headers = {'Content-Type': 'application/octet-stream'}
        return self._read(Image, Call('POST', path, content, headers))

    def get_image(self, id: str) -> Picture:
        """Downloads a picture: an upload, or the result of a job."""
        return self._picture(_image_path(id))

    def get_thumbnail(self, id: str) -> Picture:
        return self._picture(_image_path(id) + '/thumbnail')

    def delete_image(self, id: str) -> None:
        """Deletes a picture and its thumbnail."""
        self._transport.do(Call('DELETE', _image_path(id), settle=lambda: Answer(204, HTTPMessage(), b'')))

    # Jobs

    def submit_job(self, job: JobRequest, *, idempotency_key: str | None = None) -> Job:
        """Submits a job, which is stored when this returns. A conversion that is in progress already is returned as it is.

        Tries of one call have one idempotency key, so that a lost answer makes no second job. With a key of the caller's
        own the same job is returned however often it is submitted; another request under it is a StaylerError of class
        key_reused.
        """
        return self._submit(Job, '/worker/jobs', to_json(job), idempotency_key)

    def submit_jobs(self, jobs: Sequence[JobRequest], *, idempotency_key: str | None = None) -> Batch:
        """Submits up to 1,000 jobs, each of which is accepted or refused on its own."""
        return self._submit(Batch, '/worker/jobs/batch', {'jobs': to_json(jobs)}, idempotency_key)

    def get_job(self, id: str) -> Job:
        return self._read(Job, Call('GET', _job_path(id)))

    def list_jobs(self, filter: JobFilter = JobFilter()) -> JobPage:
        """A page of the jobs that match, the newest first."""
        query = {
            'status': ','.join(filter.status),
            'type': ','.join(filter.type),
            'errorClass': ','.join(filter.error_class),
            'userId': filter.user_id,
            'conversionId': filter.conversion_id,
            'q': filter.id_prefix,
            'since': filter.since and time_text(filter.since),
            'before': filter.before and time_text(filter.before),
            'limit': filter.limit,
            'cursor': filter.cursor,
        }
        return self._read(JobPage, Call('GET', '/worker/jobs' + _query(query)))

    def list_all_jobs(self, filter: JobFilter = JobFilter()) -> Iterator[Job]:
        """Each job that matches, the newest first, page after page."""
        while True:
            page = self.list_jobs(filter)
            yield from page.jobs
            if page.next_cursor is None:
                return
            filter = replace(filter, cursor=page.next_cursor)

    def cancel_job(self, id: str) -> Job:
        """One that has ended cannot be cancelled: a StaylerError of class conflict."""
        return self._change('DELETE', id, '', lambda job: job.status == 'cancelled')

    def retry_job(self, id: str) -> Job:
        """Begins a job anew that has failed for good."""
        return self._change('POST', id, '/retry', lambda job: job.status != 'failed')

    def process_job(self, id: str) -> Job:
        """Makes a waiting job its user's next or, by an admin, the next of all."""
        return self._change('POST', id, '/process', lambda job: job.started_at is not None)

    # Events

    def follow_job(self, id: str, *, timeout: float | None = None) -> Events:
        """The events of a job up to its end, the first of which is a snapshot. With a timeout, in seconds, a
        StaylerError of class timeout where it has not ended by then."""
        return Events(self._transport, _job_path(id) + '/events', is_one_job=True, last_id=None, timeout=timeout)

    def follow_jobs(self, filter: JobFilter = JobFilter(), *, last_id: str | None = None) -> Events:
        """The events of all jobs that match a filter's status, type and user_id, from now on or, with the id of an event
        of an earlier stream, from there. It takes a key for all users, and does not end by itself."""
        query = {'status': ','.join(filter.status), 'type': ','.join(filter.type), 'userId': filter.user_id}
        path = '/worker/events' + _query(query)
        return Events(self._transport, path, is_one_job=False, last_id=last_id, timeout=None)

    def wait_for_job(self, id: str, *, timeout: float | None = None) -> Job:
        """Waits until a job has ended, and returns it; its status tells in which way."""
        with self.follow_job(id, timeout=timeout) as events:
            for event in events:
                if event.job is not None and event.job.status in FINAL_STATUSES:
                    return event.job
        return self.get_job(id)

    # The service

    def get_worker_health(self) -> WorkerHealth:
        """How the service is. One that is not well says so by the status, and that is no error."""
        return self._read(WorkerHealth, Call('GET', '/worker/health', takes=_is_unhealthy))

    def get_status(self) -> Status:
        """Counts the jobs by state."""
        return self._read(Status, Call('GET', '/worker/status'))

    def _read(self, wanted: type[T], call: Call) -> T:
        return from_json(wanted, json.loads(self._transport.do(call).body))

    def _picture(self, path: str) -> Picture:
        answer = self._transport.do(Call('GET', path))
        return Picture(answer.body, answer.headers.get('Content-Type', ''))

    def _submit(self, wanted: type[T], path: str, request: Any, key: str | None) -> T:
        headers = {'Content-Type': 'application/json', 'Idempotency-Key': key or str(uuid.uuid4())}
        return self._read(wanted, Call('POST', path, json.dumps(request).encode(), headers))

    def _change(self, method: str, id: str, verb: str, is_done: Callable[[Job], bool]) -> Job:
        """Makes a call that is refused once it is done; `is_done` tells a job on which an answer that was lost said so."""

        def settle() -> Answer | None:
            answer = self._transport.do(Call('GET', _job_path(id)))
            return answer if is_done(from_json(Job, json.loads(answer.body))) else None

        return self._read(Job, Call(method, _job_path(id) + verb, settle=settle))


def _job_path(id: str) -> str:
    return '/worker/jobs/' + quote(id, safe='')


def _image_path(id: str) -> str:
    return '/images/' + quote(id, safe='')


def _query(parameters: Mapping[str, object]) -> str:
    given = {name: value for name, value in parameters.items() if value not in (None, '')}
    return '?' + urlencode(given) if given else ''


def _is_unhealthy(answer: Answer) -> bool:
    kind = answer.headers.get('Content-Type', '')
    return answer.status == 503 and kind.startswith('application/json')
