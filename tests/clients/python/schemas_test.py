# SPDX-License-Identifier: MIT
import dataclasses
import typing
import unittest
from typing import Any

import stayler
from harness import SETTINGS
from stayler.form import member_name

# The schemas of the contract that this client has, beside those that are called as its classes are.
CLASSES: dict[str, Any] = {
    name: getattr(stayler, name)
    for name in (
        'Job JobError Waiting NextStep Progress Attempt ProviderCall JobResult JobPage JobEvent Batch RefusedJob Image'
        ' Status WorkerHealth Problem FieldProblem ConversionRequest ProcessingRequest ConversionPayload'
        ' ProcessingPayload ConversionOptions ProcessingOptions Resize Thumbnail Convert Strip'
    ).split()
} | {
    'Waiting.estimatedStartAt': stayler.EstimatedStart,
    'Attempt.stages': stayler.StageBegin,
    'Checks.*': stayler.HealthCheck,
}
ENUMERATIONS: dict[str, Any] = {
    'JobType': stayler.JobType,
    'JobStatus': stayler.JobStatus,
    'JobStage': stayler.JobStage,
    'ErrorClass': stayler.ErrorClass,
    'HealthState': stayler.HealthState,
    'ImageType': stayler.ImageType,
    'Waiting.reason': stayler.WaitingReason,
}


class TheContract(unittest.TestCase):
    def test_every_member_has_its_field(self) -> None:
        for name, each in CLASSES.items():
            with self.subTest(name):
                wanted = set(SETTINGS['schemas'][name]['members'])
                fields = {member_name(field.name) for field in dataclasses.fields(each)}
                self.assertEqual(wanted, fields)

    def test_every_enumeration_has_its_values(self) -> None:
        for name, each in ENUMERATIONS.items():
            with self.subTest(name):
                self.assertEqual(sorted(SETTINGS['schemas'][name]['values']), sorted(typing.get_args(each)))


if __name__ == '__main__':
    unittest.main()
