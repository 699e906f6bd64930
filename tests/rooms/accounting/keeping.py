"""Who keeps the books of the tests, and jobs that begin together on connections of their own."""

import threading

from django.db import connections

from pointbook.accounting.models import Setting
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.engine.values.errors import PointbookError
from pointbook.programs.models import Entity

BEN = Actor("user", "ben", "controller")


def keep(*, full=True, owner_run=False, code="main", **more):
    """Keep the books this way from now on: by default full ones of two persons."""
    own = Entity.objects.get(code=code)
    Setting.objects.create(
        entity=own,
        number=Setting.objects.filter(entity=own).count() + 1,
        full=full,
        owner_run=owner_run,
        recorded_by="olga",
        recorded_at=now(),
        **more,
    )


def at_once(*jobs):
    """What each job answered, or the expected error that it raised, in the order of the jobs."""
    found, barrier = {}, threading.Barrier(len(jobs))

    def run(place, job):
        try:
            barrier.wait()
            found[place] = job()
        except PointbookError as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[place] for place in range(len(jobs))]
