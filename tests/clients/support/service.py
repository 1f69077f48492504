# SPDX-License-Identifier: MIT
"""The service as it is delivered, with gemini-sim behind it, on free ports and with a data folder of its own."""
import hashlib
import json
import os
import re
import secrets
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

# Whom each key is for.
HOLDERS = {'viewer': 'viewer', 'submitter': 'submitter', 'admin': 'admin', 'ann': 'submitter'}


class Program:
    """A process that says where it listens."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._said = tempfile.TemporaryFile()
        # It ends with the one that has started it, however that ends.
        self._process = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'TERM', *command],
            env={'PATH': os.environ['PATH'], **environment},
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        self.address = self._find_address(command[0])

    def _find_address(self, name: str) -> str:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = re.search(r'listening on \S*?([0-9.]+:[0-9]+)', self.said())
            if found:
                return found.group(1)
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError('%s does not listen: %s' % (name, self.said()))

    def said(self) -> str:
        return os.pread(self._said.fileno(), 1 << 24, 0).decode(errors='replace')

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()


class Service:
    def __init__(self, worker: str, sim: str, folder: str, assets: str) -> None:
        self.keys = {holder: secrets.token_hex(16) for holder in HOLDERS}
        self._assets = assets
        self._data = os.path.join(folder, 'data')
        self._sim = Program([sim, '--port', '0', '--picture-size', '352', '--latency', '150ms'], {})
        self._worker = Program(
            [worker],
            {
                'WORKER_HTTP_PORT': '0',
                'WORKER_HEALTH_CHECK_PORT': '0',
                'WORKER_DATA_DIR': self._data,
                'WORKER_POLL_INTERVAL': '100ms',
                'WORKER_RATE_LIMIT': '100000',
                'WORKER_RATE_BURST': '100000',
                'WORKER_API_KEYS': ','.join(self._configured(holder) for holder in HOLDERS),
                'RETRY_INITIAL_DELAY': '100ms',
                'GEMINI_API_KEY': 'test-key-3f9a',
                'GEMINI_BASE_URL': 'http://' + self._sim.address,
                'GEMINI_REQUESTS_PER_MINUTE': '1000000',
            },
        )
        self.address = self._worker.address
        self._await_readiness()

    def _configured(self, holder: str) -> str:
        digest = hashlib.sha256(self.keys[holder].encode()).hexdigest()
        users = ':ann' if holder == 'ann' else ''
        return '%s:%s:%s%s' % (holder, HOLDERS[holder], digest, users)

    def _await_readiness(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen('http://%s/health/ready' % self.address)
                return
            except urllib.error.HTTPError:
                time.sleep(0.02)
        raise RuntimeError('the service is not ready: ' + self._worker.said())

    def add_images(self, names: dict[str, str]) -> None:
        """Has the application's own images under the ids that it gave them, which uploads do not."""
        for image, file in names.items():
            with open(os.path.join(self._assets, file), 'rb') as picture:
                request = urllib.request.Request(
                    'http://%s/images?userId=user-123' % self.address,
                    picture.read(),
                    {'X-API-Key': self.keys['admin'], 'Content-Type': 'application/octet-stream'},
                )
            with urllib.request.urlopen(request) as answer:
                uploaded = json.load(answer)['id']
            records = sqlite3.connect(os.path.join(self._data, 'stayler.db'), timeout=20)
            with records:
                records.execute('UPDATE images SET id = ? WHERE id = ?', (image, uploaded))
            records.close()

    def said(self) -> str:
        return self._worker.said()

    def stop(self) -> None:
        self._worker.stop()
        self._sim.stop()
