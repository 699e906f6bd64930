"""Static files, gathered into the home when a source changed, named by their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from pointbook.interfaces.cli import home


def collect() -> None:
    """Gather the files of every installed app, unless what was gathered last is still current."""
    stamp = home.current().static / ".sources"
    sources = _fingerprint()
    if stamp.exists() and stamp.read_text() == sources:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(sources)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
