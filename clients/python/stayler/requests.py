# SPDX-License-Identifier: MIT
"""What callers ask for. What is None is not said, and the service's default counts."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from .enumerations import JobType


@dataclass(frozen=True)
class ConversionOptions:
    style: str | None = None
    quality: Literal['draft', 'standard', 'high'] | None = None
    prompt: str | None = None
    aspect_ratio: str | None = None
    output_format: Literal['jpeg', 'png', 'webp'] | None = None
    no_cache: bool | None = None


@dataclass(frozen=True)
class Resize:
    width: int | None = None
    height: int | None = None
    fit: Literal['contain', 'cover', 'fill'] | None = None
    type: Literal['resize'] = 'resize'


@dataclass(frozen=True)
class Thumbnail:
    size: int
    type: Literal['thumbnail'] = 'thumbnail'


@dataclass(frozen=True)
class Convert:
    format: Literal['jpeg', 'png', 'webp']
    quality: int | None = None
    type: Literal['convert'] = 'convert'


@dataclass(frozen=True)
class Strip:
    type: Literal['strip'] = 'strip'


ImageOperation = Resize | Thumbnail | Convert | Strip


@dataclass(frozen=True)
class ProcessingOptions:
    """The operations are done in this order."""

    operations: tuple[ImageOperation, ...]


@dataclass(frozen=True)
class ConversionPayload:
    """The person and the garment, each by its id or by a URL that the service is let fetch."""

    user_image_id: str
    cloth_image_id: str
    options: ConversionOptions | Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ProcessingPayload:
    image_id: str
    options: ProcessingOptions | Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ConversionRequest:
    """Dresses a user in a garment. `conversion_id` is the application's name for it."""

    conversion_id: str
    user_id: str
    payload: ConversionPayload
    priority: int | None = None
    urgency: Literal['normal', 'low'] | None = None
    run_at: datetime | None = None
    max_retries: int | None = None
    timeout: timedelta | None = None
    webhook_url: str | None = None
    type: JobType = 'image_conversion'


@dataclass(frozen=True, kw_only=True)
class ProcessingRequest:
    """Scales, converts or strips a picture."""

    user_id: str
    payload: ProcessingPayload
    conversion_id: str | None = None
    priority: int | None = None
    urgency: Literal['normal', 'low'] | None = None
    run_at: datetime | None = None
    max_retries: int | None = None
    timeout: timedelta | None = None
    webhook_url: str | None = None
    type: JobType = 'image_processing'


JobRequest = ConversionRequest | ProcessingRequest
