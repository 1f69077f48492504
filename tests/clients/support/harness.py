# SPDX-License-Identifier: MIT
"""Runs the tests of a client beside a service with gemini-sim, a proxy of faults and the table of cases.

usage: harness.py WORKER SIM TOP FOLDER COMMAND...

The command finds in STAYLER_TEST a file with what it needs: `url` of the service, `proxy` before it, `control` of the
table, `keys` by their holders, `assets`, `scratch`, and `schemas`, what the contract says of each. The table takes
  GET  /cases            the names of all cases
  POST /begin  {"name"}  what to call: {"call", "with", "key"}; through the proxy
  POST /end    {"name", "answer" or "error"}   {"problems": [...]}
  POST /faults [...]     plans faults outside the table (fault_proxy.py)
  GET  /seen             the requests since then, without their bodies
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from case_table import CaseTable
from contract_members import contract_members
from fault_proxy import FaultProxy
from service import Service

# The application's own pictures, which the examples of the former worker name.
FORMER_IMAGES = {'user-img-123': 'person.jpg', 'cloth-img-456': 'garment.png'}


def serve_control(table: CaseTable, proxy: FaultProxy) -> str:
    """Where the table is served."""

    class Control(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == '/cases':
                self._answer(table.names())
            else:
                self._answer([{**each, 'body': None} for each in proxy.seen()])

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
            if self.path == '/begin':
                self._answer(table.begin(asked['name']))
            elif self.path == '/end':
                self._answer({'problems': table.end(asked.pop('name'), asked)})
            else:
                proxy.plan(asked)
                self._answer({})

        def _answer(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(('127.0.0.1', 0), Control)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return 'http://127.0.0.1:%d' % server.server_address[1]


def main() -> int:
    worker, sim, top, folder, *command = sys.argv[1:]
    with tempfile.TemporaryDirectory(dir=folder, prefix='run-') as scratch:
        assets = os.path.join(top, 'assets')
        service = Service(worker, sim, scratch, assets)
        try:
            service.add_images(FORMER_IMAGES)
            host, port = service.address.split(':')
            proxy = FaultProxy((host, int(port)))
            table = CaseTable(os.path.join(top, 'clients/contract/cases.json'), proxy, service.keys)
            settings = {
                'url': 'http://' + service.address,
                'proxy': 'http://' + proxy.address,
                'control': serve_control(table, proxy),
                'keys': service.keys,
                'assets': assets,
                'scratch': scratch,
                'schemas': contract_members(os.path.join(top, 'http/openapi.yaml')),
            }
            path = os.path.join(scratch, 'settings.json')
            with open(path, 'w', encoding='utf-8') as file:
                json.dump(settings, file)
            status = subprocess.run(command, env={**os.environ, 'STAYLER_TEST': path}, check=False).returncode
            if status != 0:
                print('the service said:', service.said()[-3000:], file=sys.stderr)
            return status
        finally:
            service.stop()


if __name__ == '__main__':
    sys.exit(main())
