"""The formats a journal can be written in: a table from the format's name to its writer.

A writer is a pure function from a period's journal to one or more named files. Raises
FormatUnknown, and ExportRefused for what a format cannot hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pointbook.accounting.queries.exports.beancount import beancount
from pointbook.accounting.queries.exports.erp import erpnext, netsuite, odoo
from pointbook.accounting.queries.exports.generic import as_json, flat
from pointbook.accounting.queries.exports.journal import File, Journal
from pointbook.accounting.queries.exports.plaintext import hledger, ledger
from pointbook.accounting.queries.exports.quickbooks import iif, quickbooks
from pointbook.accounting.queries.exports.saft import saft
from pointbook.accounting.queries.exports.xero import xero
from pointbook.engine.values.errors import NotFoundError


class FormatUnknown(NotFoundError):
    """There is no such export format."""


EXPORTERS: Final[dict[str, Callable[[Journal], tuple[File, ...]]]] = {
    "beancount": beancount,
    "hledger": hledger,
    "ledger": ledger,
    "saft": saft,
    "quickbooks": quickbooks,
    "iif": iif,
    "xero": xero,
    "netsuite": netsuite,
    "odoo": odoo,
    "erpnext": erpnext,
    "csv": flat,
    "json": as_json,
}

# What each is called where people choose one.
LABELS: Final = {
    "beancount": "Beancount",
    "hledger": "hledger",
    "ledger": "Ledger",
    "saft": "SAF-T (OECD 2.00)",
    "quickbooks": "QuickBooks Online",
    "iif": "QuickBooks Desktop",
    "xero": "Xero",
    "netsuite": "NetSuite",
    "odoo": "Odoo",
    "erpnext": "ERPNext",
    "csv": "CSV",
    "json": "JSON",
}


def exporter(format: str) -> Callable[[Journal], tuple[File, ...]]:  # noqa: A002
    """The writer of a format.

    :raises FormatUnknown: naming the formats there are.
    """
    writer = EXPORTERS.get(format)
    if writer is None:
        raise FormatUnknown(
            f"there is no format {format!r}",
            field="format",
            value=format,
            mend=f"Use one of: {', '.join(EXPORTERS)}.",
        )
    return writer
