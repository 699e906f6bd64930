"""`pointbook export journals`: a period's journal for another system, on standard output.

Raises ExportRefused, FormatUnknown, PeriodError and EntityNotFound.
"""

from __future__ import annotations

import argparse

from pointbook.interfaces.cli.database import database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand: journals."""
    verbs = parser.add_subparsers(dest="verb", metavar="WHAT", required=True)
    verb = verbs.add_parser("journals", help="the entries of a closed period")
    verb.add_argument("--entity", default="main", metavar="CODE")
    verb.add_argument("--period", required=True, metavar="PERIOD", help="YYYY-MM")
    verb.add_argument("--format", required=True, metavar="FORMAT", help="beancount")


def run(arguments: argparse.Namespace) -> int:
    """Write the export."""
    with database():
        from pointbook.accounting.queries.exports import export

        text = export(
            period=arguments.period, format=arguments.format, entity_code=arguments.entity
        )
    print(text, end="")
    return 0
