"""What templates may say: icons, figures and bars. `{% load pointbook %}`.

Filters: points, signed, money, cash, number, plain, rounded, share, width, yaml. Tag: icon. Raises
FileNotFoundError for an icon that is not in `console/icons`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from pointbook.engine.values.money import exponent, to_major
from pointbook.interfaces.console import formats

register = template.Library()
ICONS = Path(__file__).parents[1] / "icons"


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """A drawn icon, to stand beside a word."""
    drawing = (ICONS / f"{name}.svg").read_text(encoding="utf-8").strip()
    return mark_safe(drawing.replace("<svg", '<svg class="icon" aria-hidden="true"', 1))  # noqa: S308 - our own file


@register.filter
def points(parts: int, decimals: int = 0) -> str:
    """`{{ lot.points|points:page.unit.decimals }}`: 458,822."""
    return formats.points(parts, decimals=decimals)


@register.filter
def signed(parts: int, decimals: int = 0) -> str:
    """`{{ entry.points|signed:page.unit.decimals }}`: +45, or -500 with U+2212."""
    return formats.signed(parts, decimals=decimals)


@register.filter
def money(minor: int, currency: str) -> str:
    """`{{ line.debit|money:page.currency }}`: 7,146.88."""
    return formats.money(minor, currency=currency)


@register.filter
def cash(minor: int, currency: str) -> str:
    """`{{ page.worth|cash:page.currency }}`: $9,176.44."""
    return formats.cash(minor, currency=currency)


@register.filter
def number(value: Decimal | int, places: int = 0) -> str:
    """`{{ page.members|number }}`: 2,469."""
    return formats.number(value, places=places)


@register.filter
def plain(value: int, places: int = 0) -> str:
    """A whole number of smallest parts as a decimal for scripts: 7146.88."""
    return str(to_major(value, places=places))


@register.filter
def rounded(minor: int, currency: str) -> str:
    """Minor units as whole major units, for the figures on a chart: 7,147."""
    return formats.number(to_major(minor, places=exponent(currency)).quantize(Decimal(1)))


@register.filter
def share(part: int, whole: int) -> str:
    """`{{ tier.members|share:page.members }}`: 55.7%."""
    return formats.share(part, whole)


@register.filter
def width(part: int, whole: int) -> str:
    """The width of a bar as CSS, 0% to 100%."""
    return f"{min(100.0, 100 * part / whole):.1f}%" if whole > 0 else "0%"


_KEY = re.compile(r"(?P<before>^\s*(?:- )?|[{,]\s*)(?P<key>[\w-]+)(?=:(?:\s|$))")


@register.filter
def yaml(line: str) -> SafeString:
    """A line of a document with its keys and its comment told apart."""
    code, hash_, note = (
        line.partition(" #") if not line.lstrip().startswith("#") else ("", "", line)
    )
    keyed = _KEY.sub(r'\g<before><span class="key">\g<key></span>', str(escape(code)))
    comment = format_html('<span class="note">{}</span>', hash_ + note) if note else ""
    return mark_safe(keyed + comment)  # noqa: S308 - both halves are escaped
