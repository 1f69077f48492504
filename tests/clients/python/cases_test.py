# SPDX-License-Identifier: MIT
import dataclasses
import hashlib
import unittest
from datetime import timedelta
from itertools import islice
from typing import Any

from harness import QUICK, SETTINGS, control, picture
from stayler import Client, ConversionRequest, Events, JobFilter, JobRequest, Picture, ProcessingRequest, StaylerError
from stayler.form import from_json, to_json


class TheTableOfCases(unittest.TestCase):
    maxDiff = None

    def test_the_client_keeps_to_it(self) -> None:
        for name in control('/cases'):
            with self.subTest(name):
                asked = control('/begin', {'name': name})
                client = Client(SETTINGS['proxy'], asked['key'] or None, QUICK)
                outcome: dict[str, Any]
                try:
                    outcome = {'answer': to_json(call(client, asked['call'], asked['with']))}
                except StaylerError as error:
                    outcome = {'error': described(error)}
                self.assertEqual(control('/end', {'name': name, **outcome})['problems'], [])


def call(client: Client, name: str, given: dict[str, Any]) -> Any:
    match name:
        case 'uploadImage':
            content = picture(given['file']) if 'file' in given else given['text'].encode()
            return client.upload_image(content, user_id=given['userId'], type=given.get('type'))
        case 'getImage':
            return digested(client.get_image(given['id']))
        case 'getThumbnail':
            return digested(client.get_thumbnail(given['id']))
        case 'deleteImage':
            client.delete_image(given['id'])
            return {}
        case 'submitJob':
            return client.submit_job(request(given['job']), idempotency_key=given.get('idempotencyKey'))
        case 'submitJobs':
            return client.submit_jobs([request(each) for each in given['jobs']])
        case 'getJob':
            return client.get_job(given['id'])
        case 'cancelJob':
            return client.cancel_job(given['id'])
        case 'retryJob':
            return client.retry_job(given['id'])
        case 'processJob':
            return client.process_job(given['id'])
        case 'waitForJob':
            return client.wait_for_job(given['id'], timeout=30)
        case 'listJobs':
            return client.list_jobs(job_filter(given))
        case 'listAllJobs':
            return {'jobs': list(client.list_all_jobs(job_filter(given)))}
        case 'followJob':
            return told(client.follow_job(given['id'], timeout=30))
        case 'followJobs':
            return told(client.follow_jobs(last_id=given['lastId']), given['take'])
        case 'getStatus':
            return client.get_status()
        case 'getWorkerHealth':
            return client.get_worker_health()
    raise AssertionError(f'the table has a call that this client lacks: {name}')


def request(given: dict[str, Any]) -> JobRequest:
    """The table has a timeout in nanoseconds, which need no conversion in Go."""
    timeout = given.get('timeout')
    members = {**given, 'timeout': None}
    made: JobRequest
    if given['type'] == 'image_conversion':
        made = from_json(ConversionRequest, members)
    else:
        made = from_json(ProcessingRequest, members)
    return dataclasses.replace(made, timeout=timedelta(microseconds=timeout / 1000)) if timeout else made


def job_filter(given: dict[str, Any]) -> JobFilter:
    return from_json(JobFilter, {'status': [], 'type': [], 'errorClass': [], **given})


def told(events: Events, take: int | None = None) -> dict[str, Any]:
    """The events of a stream up to its end, or as many as the case takes."""
    with events:
        return {'events': [{'id': each.id, 'kind': each.kind, 'status': each.status} for each in islice(events, take)]}


def digested(found: Picture) -> dict[str, str]:
    return {'mimeType': found.mime_type, 'checksum': hashlib.sha256(found.content).hexdigest()}


def described(error: StaylerError) -> dict[str, Any]:
    return {
        'status': error.status,
        'class': error.class_,
        'detail': error.detail,
        'fields': to_json(error.fields),
        'requestId': error.request_id,
        'retryable': error.retryable,
        'retryAfter': error.retry_after,
    }


if __name__ == '__main__':
    unittest.main()
