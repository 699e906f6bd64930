"""Writes of the earning room: ingest facts, publish programs, burn out of habit."""

from pointbook.earning.operations.habits import burn_by_habit
from pointbook.earning.operations.ingesting import Outcome, ingest
from pointbook.earning.operations.publishing import publish

__all__ = ["Outcome", "burn_by_habit", "ingest", "publish"]
