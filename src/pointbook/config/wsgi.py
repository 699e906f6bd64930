"""The WSGI application granian serves.

A worker whose granian was killed would go on serving on the same port, so under `pointbook run` a
daemon thread ends the worker when its parent changes.
"""

from __future__ import annotations

import os
import threading
import time

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pointbook.config.settings")


def _end_with(*, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if os.environ.get("POINTBOOK_SUPERVISED"):
    threading.Thread(target=_end_with, kwargs={"parent": os.getppid()}, daemon=True).start()

application = get_wsgi_application()
