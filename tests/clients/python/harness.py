# SPDX-License-Identifier: MIT
"""What tests/clients/support/harness.py has prepared."""
import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from stayler import Client, Options

TOP = Path(__file__).resolve().parents[3]
SETTINGS: dict[str, Any] = json.loads(Path(os.environ['STAYLER_TEST']).read_text())

# At which nothing listens: a port that nobody has, below those that programs are given.
NOWHERE = 'http://127.0.0.1:2'

# Pauses that are short enough for tests.
QUICK = Options(tries=4, timeout=10, least_pause=0.005, silence=2)


def client(holder: str = 'submitter', options: Options = QUICK) -> Client:
    return Client(SETTINGS['url'], SETTINGS['keys'][holder], options)


def control(path: str, body: object = None) -> Any:
    """Asks the table of cases; nothing is sent where there is no body."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(SETTINGS['control'] + path, data) as answer:
        return json.load(answer)


def picture(name: str) -> bytes:
    return Path(SETTINGS['assets'], name).read_bytes()
