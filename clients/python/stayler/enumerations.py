# SPDX-License-Identifier: MIT
"""The values that members of answers have. A newer service may have more."""
from typing import Literal

JobType = Literal['image_conversion', 'image_processing']
JobStatus = Literal['pending', 'scheduled', 'processing', 'completed', 'failed', 'cancelled']
JobStage = Literal[
    'queued', 'downloading', 'converting', 'processing', 'uploading', 'recording', 'notifying', 'done'
]
ErrorClass = Literal[
    'timeout',
    'connection',
    'rate_limited',
    'unavailable',
    'server_error',
    'worker_lost',
    'no_image',
    'invalid_input',
    'authentication',
    'permission',
    'not_found',
    'quota_exceeded',
    'safety_blocked',
    'cancelled',
    'internal_bug',
    'conflict',
    'store_full',
    'held',
    'key_reused',
    'ambiguous_call',
]
HealthState = Literal['healthy', 'degraded', 'unhealthy', 'starting']
WaitingReason = Literal[
    'stopped',
    'paused',
    'budget',
    'user_budget',
    'quota',
    'backoff',
    'due_later',
    'provider_closed',
    'no_worker',
    'suspect_alone',
    'behind',
    'dispatching',
]
ImageType = Literal['user', 'vendor']

FINAL_STATUSES: frozenset[JobStatus] = frozenset(('completed', 'failed', 'cancelled'))
