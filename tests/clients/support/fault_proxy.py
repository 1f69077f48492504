# SPDX-License-Identifier: MIT
"""A proxy between a client and the service that plays the faults which networks and proxies have.

Each request takes the next of the planned faults; without one it is passed on. A fault is an object with one of these:
  {"answer": 503, "retryAfter": "1"}   answers in the service's place, with a problem document
  {"answer": 503, "retryInDate": 2}    the same, with the date in so many seconds
  {"answer": 502, "page": true}        the same with a page of HTML, as proxies do
  {"answer": 200, "json": {...}}       the same with that document
  {"cut": true}                        closes the connection unread by the service
  {"lose": true}                       lets the service do it, and closes the connection before its answer
  {"twice": true}                      hands it to the service twice, and gives the second answer
  {"stray": true}                      sends another answer behind the service's own, unasked
  {"cutAfter": 2}                      closes the connection after so many events of a stream
  {"silentAfter": 1}                   leaves the connection open after them, and says nothing more
  {"pass": true}                       passes it on
"""
import json
import socket
import threading
import time
from email.utils import formatdate


class FaultProxy:
    def __init__(self, service: tuple[str, int]) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._faults: list[dict] = []
        self._seen: list[dict] = []
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.address = '127.0.0.1:%d' % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def plan(self, faults: list[dict]) -> None:
        """Sets the faults of the requests to come, and forgets those that were seen."""
        with self._lock:
            self._faults = list(faults)
            self._seen = []

    def seen(self) -> list[dict]:
        """The requests since the last plan: method, path, headers (lower case) and body."""
        with self._lock:
            return list(self._seen)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                while self._exchange(client):
                    pass
            except OSError:
                pass  # The client, or the service, has closed its connection.

    def _exchange(self, client: socket.socket) -> bool:
        """One request and its answer; whether another may follow on the same connection."""
        request = _read_request(client)
        if request is None:
            return False
        with self._lock:
            self._seen.append({**request, 'at': time.monotonic()})
            fault = self._faults.pop(0) if self._faults else {}
        if 'answer' in fault:
            client.sendall(_made_up_answer(fault))
            return False
        if 'cut' in fault:
            return False
        if 'lose' in fault:
            self._whole_answer(request)
            return False
        if 'stray' in fault:
            answer = self._whole_answer(request).replace(b'Connection: close\r\n', b'', 1)
            client.sendall(answer + _made_up_answer({'answer': 500}))
            return True
        if 'twice' in fault:
            self._whole_answer(request)
        self._relay(request, client, fault)
        return False

    def _send(self, request: dict) -> socket.socket:
        upstream = socket.create_connection(self._service)
        fields = {**request['headers'], 'connection': 'close'}
        head = ['%s %s HTTP/1.1' % (request['method'], request['path'])]
        head += ['%s: %s' % field for field in fields.items()]
        upstream.sendall('\r\n'.join(head + ['', '']).encode('latin-1') + request['body'])
        return upstream

    def _whole_answer(self, request: dict) -> bytes:
        with self._send(request) as upstream:
            answer = b''
            while part := upstream.recv(65536):
                answer += part
            return answer

    def _relay(self, request: dict, client: socket.socket, fault: dict) -> None:
        limit = fault.get('cutAfter', fault.get('silentAfter'))
        events = 0
        held = b''
        with self._send(request) as upstream:
            while part := upstream.recv(65536):
                if limit is None:
                    client.sendall(part)
                    continue
                held += part
                while (end := held.find(b'\n\n')) >= 0:
                    event, held = held[: end + 2], held[end + 2 :]
                    events += b'\ndata:' in event
                    client.sendall(event)
                    if events == limit:
                        if 'silentAfter' in fault:
                            client.recv(1)  # until the client gives up
                        return
            client.sendall(held)


def _read_request(client: socket.socket) -> dict | None:
    bytes_read = b''
    while b'\r\n\r\n' not in bytes_read:
        part = client.recv(65536)
        if not part:
            return None
        bytes_read += part
    head, body = bytes_read.split(b'\r\n\r\n', 1)
    first, *lines = head.decode('latin-1').split('\r\n')
    method, path, _ = first.split(' ')
    headers = {name.lower(): value.strip() for name, value in (line.split(':', 1) for line in lines)}
    length = int(headers.get('content-length', '0'))
    while len(body) < length:
        part = client.recv(65536)
        if not part:
            return None
        body += part
    return {'method': method, 'path': path, 'headers': headers, 'body': body}


def _made_up_answer(fault: dict) -> bytes:
    status = fault['answer']
    if fault.get('page'):
        kind, body = 'text/html', b'<html><body>no upstream</body></html>'
    elif 'json' in fault:
        kind, body = 'application/json', json.dumps(fault['json']).encode()
    else:
        kind = 'application/problem+json'
        problem = {'title': 'Refused', 'status': status, 'detail': 'the proxy of the test refuses'}
        body = json.dumps({**problem, 'error': fault.get('class', 'unavailable'), 'details': ''}).encode()
    head = 'HTTP/1.1 %d Refused\r\nContent-Type: %s\r\nContent-Length: %d\r\n' % (status, kind, len(body))
    head += 'X-Request-Id: the-proxy\r\nConnection: close\r\n'
    if 'retryAfter' in fault:
        head += 'Retry-After: %s\r\n' % fault['retryAfter']
    if 'retryInDate' in fault:
        head += 'Retry-After: %s\r\n' % formatdate(time.time() + fault['retryInDate'], usegmt=True)
    return head.encode() + b'\r\n' + body
