# SPDX-License-Identifier: MIT
import dataclasses
import unittest
from datetime import datetime, timedelta, timezone
from itertools import islice

from harness import NOWHERE, QUICK, client
from stayler import Client, ProcessingPayload, ProcessingOptions, ProcessingRequest, StaylerError, Strip
from stayler.form import duration_text, parse_duration, time_text


class TheClient(unittest.TestCase):
    def test_an_address_that_is_none_is_refused(self) -> None:
        for address in ('127.0.0.1:8080', 'ftp://there', ''):
            with self.assertRaisesRegex(ValueError, 'http://HOST'):
                Client(address)

    def test_a_job_that_does_not_end_in_time_is_an_error(self) -> None:
        far = datetime.now(timezone.utc) + timedelta(days=1)
        options = ProcessingOptions((Strip(),))
        job = client().submit_job(
            ProcessingRequest(user_id='user-123', payload=ProcessingPayload('user-img-123', options), run_at=far)
        )
        with self.assertRaises(StaylerError) as caught:
            client().wait_for_job(job.id, timeout=0.2)
        self.assertEqual((caught.exception.status, caught.exception.class_), (0, 'timeout'))
        self.assertEqual(client().cancel_job(job.id).status, 'cancelled')

    def test_a_stream_that_cannot_come_back_says_so(self) -> None:
        lost = Client(NOWHERE, options=dataclasses.replace(QUICK, reconnect_for=0.05))
        with self.assertRaises(StaylerError) as caught, lost.follow_job('any') as events:
            next(events)
        self.assertEqual((caught.exception.status, caught.exception.class_), (0, 'connection'))
        self.assertEqual(list(events), [])

    def test_a_stream_that_is_closed_has_no_more_events(self) -> None:
        with client().follow_jobs(last_id='1-1-1') as events:
            self.assertEqual([event.kind for event in islice(events, 1)], ['gap'])
        self.assertEqual(list(events), [])

    def test_times_and_durations_are_written_as_the_service_reads_them(self) -> None:
        self.assertEqual(time_text(datetime(2026, 11, 30, 9, tzinfo=timezone.utc)), '2026-11-30T09:00:00.000Z')
        for duration, text in ((timedelta(minutes=10), '600s'), (timedelta(milliseconds=1500), '1500ms')):
            self.assertEqual(duration_text(duration), text)
            self.assertEqual(parse_duration(text), duration)
        self.assertEqual(parse_duration('1h30m0.5s'), timedelta(hours=1, minutes=30, milliseconds=500))


if __name__ == '__main__':
    unittest.main()
