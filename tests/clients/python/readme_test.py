# SPDX-License-Identifier: MIT
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness import SETTINGS, TOP, client, picture
from stayler import ProcessingOptions, ProcessingPayload, ProcessingRequest, Strip

README = TOP / 'clients/python/README.md'

# What the README's snippets say, by their headings. Each heading with code has its line here.
SAID = {
    'A first program': r'result\.jpg is \d+ bytes\nrefused: 400 invalid_input: payload\.options\.prompt',
    'Pictures': r'stored \S+\nimage/(jpeg|png), \d+ bytes\n',
    'Submitting jobs': r'submitted \S+\nthe same job: True\nc-batch-1\nrefused: payload.options.operations',
    'Following jobs': r'^snapshot [\s\S]*completed\n$',
    'Listing and changing': r'(image_conversion \S+ \S+ \S+\n)+it has ended already',
    'Errors': r'not_found False',
}

# What comes before fragments.
BEGIN = '''import os
from stayler import *

client = Client(os.environ['STAYLER_URL'], os.environ['STAYLER_API_KEY'])
job: Job = client.get_job(os.environ['JOB'])
'''


def snippets() -> dict[str, str]:
    """The README's blocks of Python, by their headings."""
    parts = re.split(r'^##+ (.*)$', README.read_text(), flags=re.MULTILINE)
    blocks = {
        heading: ''.join(re.findall(r'```python\n(.*?)```', text, re.DOTALL))
        for heading, text in zip(parts[1::2], parts[2::2])
    }
    return {heading: block for heading, block in blocks.items() if block}


def whole(block: str) -> str:
    return block if block.startswith('import') else BEGIN + block


class TheReadme(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ('person.jpg', 'garment.png'):
            (self.folder / name).write_bytes(picture(name))

    def test_its_snippets_run(self) -> None:
        self.assertEqual(set(snippets()), set(SAID))
        for heading, block in snippets().items():
            with self.subTest(heading):
                self.assertRegex(self.run_snippet(whole(block)), SAID[heading])

    def test_its_snippets_have_the_right_types(self) -> None:
        for heading, block in snippets().items():
            (self.folder / (re.sub(r'\W', '_', heading) + '.py')).write_text(whole(block))
        mypy = shutil.which('mypy') or 'mypy'
        cache = str(Path(SETTINGS['scratch']).parent / 'mypy')
        files = sorted(str(path) for path in self.folder.glob('*.py'))
        checked = subprocess.run(
            [mypy, '--strict', '--cache-dir', cache, '--scripts-are-modules', *files], capture_output=True, text=True
        )
        self.assertEqual(checked.returncode, 0, checked.stdout)

    def run_snippet(self, code: str) -> str:
        options = ProcessingOptions((Strip(),))
        payload = ProcessingPayload('user-img-123', options)
        job = client().submit_job(ProcessingRequest(user_id='user-123', payload=payload))
        environment = {
            **os.environ,
            'STAYLER_URL': SETTINGS['url'],
            'STAYLER_API_KEY': SETTINGS['keys']['submitter'],
            'JOB': job.id,
        }
        ran = subprocess.run(
            [sys.executable, '-c', code], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout


if __name__ == '__main__':
    unittest.main()
