"""What the approval of a proposal does, by its kind: one table from kind to function.

The functions are named, not imported: what they change may itself be proposed there. Each gets the
proposal and who approved it, and runs in the transaction of the approval. Raises what they raise.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

from pointbook.accounting.models import Proposal

Approval = Callable[[Proposal, str], object]


class Permits(NamedTuple):
    """Which actions ask for a role: to propose something of a kind, and to decide about it."""

    propose: str
    decide: str


def _named(module: str, function: str) -> Approval:
    def run(proposal: Proposal, approver: str) -> object:
        found: Approval = getattr(import_module(module), function)
        return found(proposal, approver)

    return run


_HERE: Final = "pointbook.accounting.operations"
FUNCTIONS: Final = {
    "estimate": (f"{_HERE}.estimating", "approve_estimate"),
    "cost": (f"{_HERE}.estimating", "approve_cost"),
    "journal": (f"{_HERE}.manual", "approve_entry"),
    "reopen": (f"{_HERE}.reopening", "approve_reopening"),
    "settings": (f"{_HERE}.settings", "approve_settings"),
    "accounts": (f"{_HERE}.naming", "approve_names"),
    "exchange": (f"{_HERE}.settings", "approve_exchange_rate"),
}
APPROVALS: Final[dict[str, Approval]] = {kind: _named(*name) for kind, name in FUNCTIONS.items()}
_BOOKS: Final = Permits("books.propose", "books.approve")
PERMITS: Final[dict[str, Permits]] = {
    "estimate": Permits("estimate.set", "books.approve"),
    "cost": Permits("estimate.set", "books.approve"),
    "journal": Permits("journal.propose", "journal.approve"),
    "reopen": Permits("period.reopen", "period.reopen"),
    "settings": Permits("settings.set", "settings.set"),
    "accounts": _BOOKS,
    "exchange": _BOOKS,
}
