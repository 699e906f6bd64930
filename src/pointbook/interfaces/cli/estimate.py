"""`pointbook estimate`: expected redemption and costs of points, prepared, shown and approved.

Raises EstimateRefused, EstimateError, PaperNotFound, PeriodClosed, ProgramNotFound, NotANumber and
what approvals raise (see accounting.operations.proposing).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.cli import estimated
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import FORMATS
from pointbook.interfaces.cli.team import person

if TYPE_CHECKING:
    from pointbook.accounting.operations.estimating import Estimated
    from pointbook.controls.actors import Actor

METHODS: Final = ("flat", "chain_ladder", "bornhuetter_ferguson", "cape_cod", "hazard")


class NotANumber(PointbookError):
    """The text is not a number."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Subcommands: set, run, approve, cost, list, show, triangle, back-test, sensitivity."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("set", help="state one rate for all points")
    verb.add_argument("rate", metavar="RATE", help="share of points that will be used, 0 to 1")
    _writes(verb)
    _run_arguments(verbs.add_parser("run", help="estimate by a method from what points did"))
    verb = verbs.add_parser("approve", help="put a working paper of somebody else in force")
    verb.add_argument("number", type=int, metavar="N", help="the paper, or the proposed cost")
    _of_program(verb)
    verb.add_argument("--as", dest="user", metavar="USER", help="who approves; else the owner")
    verb.add_argument("--reason", default="", help="what was looked at")
    verb = verbs.add_parser("cost", help="state what a point is expected to cost")
    verb.add_argument("amount", metavar="AMOUNT", help="major units for one whole point")
    verb.add_argument("--unit", metavar="CODE", help="whose points; else the program's own")
    _writes(verb)
    _of_program(_shows(verbs.add_parser("list", help="the estimates' working papers")))
    verb = _shows(verbs.add_parser("show", help="a working paper: cohorts, factors, who decided"))
    verb.add_argument("number", type=int, nargs="?", metavar="N", help="else the latest")
    _of_unit(verb)
    verb = _shows(verbs.add_parser("triangle", help="what each month's points did at every age"))
    verb.add_argument("--to", dest="until", metavar="PERIOD", help="last month of data")
    verb.add_argument("--points", action="store_true", help="points used, not shares of issued")
    _of_unit(verb)
    verb = _shows(verbs.add_parser("back-test", help="the last month against what was expected"))
    verb.add_argument("number", type=int, nargs="?", metavar="N", help="a paper; else as of now")
    _of_unit(verb)
    verb = _shows(verbs.add_parser("sensitivity", help="what would be owed at other rates"))
    verb.add_argument("number", type=int, nargs="?", metavar="N", help="a paper; else the books")
    _of_program(verb)


def _run_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--method", required=True, choices=METHODS)
    verb.add_argument("--rate", metavar="RATE", help="the flat rate")
    verb.add_argument("--prior", metavar="RATE", help="the rate expected in advance")
    verb.add_argument("--prior-error", metavar="RATE", help="its standard error")
    verb.add_argument(
        "--young", type=int, metavar="AGES", help="weigh cohorts seen at fewer against the prior"
    )
    verb.add_argument("--to", dest="until", metavar="PERIOD", help="last month of data")
    verb.add_argument("--unit", action="append", default=[], metavar="CODE", help="only this one")
    verb.add_argument("--propose", action="store_true", help="leave the approval to somebody")
    _writes(verb)


def _of_program(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    verb.add_argument("--program", required=True, metavar="CODE")
    return verb


def _of_unit(verb: argparse.ArgumentParser) -> None:
    _of_program(verb).add_argument("--unit", metavar="CODE", help="else the program's own")


def _shows(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    verb.add_argument("--format", choices=tuple(FORMATS), default="table")
    return verb


def _writes(verb: argparse.ArgumentParser) -> None:
    _of_program(verb).add_argument(
        "--from", required=True, dest="start", metavar="PERIOD", help="YYYY-MM, still open"
    )
    verb.add_argument("--as", dest="user", metavar="USER", help="who prepares; else the owner")
    verb.add_argument("--note", default="", help="what it rests on")


def run(arguments: argparse.Namespace) -> int:
    """Do what the subcommand says; estimates are approved at once where the owner may."""
    with database():
        _VERBS[arguments.verb](arguments)
    return 0


def _set(arguments: argparse.Namespace) -> None:
    rate = _number(arguments.rate, "rate")
    from pointbook.accounting.operations.estimating import set_estimate

    done = set_estimate(
        program=arguments.program,
        rate=rate,
        from_period=arguments.start,
        actor=_actor(arguments.user),
        note=arguments.note,
    )
    _say_estimate(arguments, done)


def _run(arguments: argparse.Namespace) -> None:
    from pointbook.accounting.operations.estimating import prepare_estimate, run_estimate
    from pointbook.engine.revenue.estimating.estimates import Terms

    told = {
        name: _number(text, name.replace("_", "-"))
        for name in ("rate", "prior", "prior_error")
        if (text := getattr(arguments, name)) is not None
    }
    done = (prepare_estimate if arguments.propose else run_estimate)(
        program=arguments.program,
        method=arguments.method,
        terms=Terms(young=arguments.young, **told),
        from_period=arguments.start,
        actor=_actor(arguments.user),
        note=arguments.note,
        until=arguments.until,
        units=tuple(arguments.unit),
    )
    _say_estimate(arguments, done)


def _say_estimate(arguments: argparse.Namespace, done: Estimated) -> None:
    around = "" if done.low is None else f", range {done.low:.1%} to {done.high:.1%}"
    what = f"{done.program}: {estimated.plain(done.rate)} from {done.from_period}{around}"
    if done.waits:
        print(f"Working paper {done.proposal} of {what}; it waits for somebody to approve it.")
        return
    print(f"Estimate {done.number} of {what} (paper {done.proposal}), {_own(arguments)}.")


def _own(arguments: argparse.Namespace) -> str:
    """Who approved: a command that writes and approves does so for one person."""
    return f"prepared and approved by {arguments.user or 'the owner who ran this'}"


def _approve(arguments: argparse.Namespace) -> None:
    from pointbook.accounting.operations.proposing import approve
    from pointbook.programs.queries import program

    done = approve(
        entity_code=program(arguments.program).entity.code,
        number=arguments.number,
        actor=_actor(arguments.user),
        reason=arguments.reason,
    )
    own = ", who prepared it" if done.own else f"; prepared by {done.prepared_by}"
    print(
        f"Proposal {done.number} of {done.entity} ({done.kind}) is in force as {done.kind}"
        f" {done.result}, approved by {done.decided_by}{own}."
    )


def _cost(arguments: argparse.Namespace) -> None:
    amount = _number(arguments.amount, "amount")
    from pointbook.accounting.operations.estimating import set_cost

    done = set_cost(
        program=arguments.program,
        unit=arguments.unit,
        amount=amount,
        from_period=arguments.start,
        actor=_actor(arguments.user),
        note=arguments.note,
    )
    what = f"one of {done.program}'s {done.unit}: {done.amount} from {done.from_period}"
    if done.waits:
        print(f"Proposal {done.proposal}, {what}; it waits for somebody to approve it.")
    else:
        print(f"Cost {done.number} of {what}, {_own(arguments)}.")


_VERBS: Final[dict[str, Callable[[argparse.Namespace], None]]] = {
    "set": _set,
    "run": _run,
    "approve": _approve,
    "cost": _cost,
    "list": estimated.papers,
    "show": estimated.paper,
    "triangle": estimated.triangle,
    "back-test": estimated.back_test,
    "sensitivity": estimated.sensitivity,
}


def _number(text: str, field: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NotANumber(
            f"{text!r} is not a number", field=field, value=text, mend="Write it like 0.88."
        ) from None


def _actor(name: str | None) -> Actor:
    from pointbook.controls.actors import SYSTEM

    return SYSTEM if name is None else person(name, field="as")
