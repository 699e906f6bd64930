"""What fell due while nothing ran is the worker's first job."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from pointbook.earning import tasks


@pytest.mark.django_db
def test_catching_up_is_queued():
    tasks.catch_up()
    job = ProcrastinateJob.objects.get(task_name=tasks.run_due_days.name)
    assert (job.status, job.queueing_lock) == ("todo", "run-due-days")
