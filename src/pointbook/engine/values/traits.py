"""What two references have in common however they are spelled: the same mailbox, phone or card.

Nothing here raises.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

# Hosts that deliver a.b+c@ to ab@, and hosts that deliver a+b@ to a@.
DOTTED: Final = frozenset({"gmail.com", "googlemail.com"})
TAGGED: Final = DOTTED | frozenset(
    "outlook.com hotmail.com live.com icloud.com me.com mac.com fastmail.com proton.me"
    " protonmail.com pm.me".split()
)
ALSO: Final = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me"}
NO_DIGIT: Final = re.compile(r"\D")
GAPS: Final = re.compile(r"[\s-]")
INTERNATIONAL: Final = "00"


class Trait(NamedTuple):
    """What is compared, by the check that compares it: email, phone or card."""

    check: str
    value: str


def trait_of(kind: str, value: str) -> Trait | None:
    """What an identifier is compared by; None when nobody can share it.

    A member number that is written like a phone number with its country is one.
    """
    if kind == "email":
        return Trait("email", _mailbox(value))
    if kind == "phone" or (kind == "member" and value.startswith("+")):
        digits = NO_DIGIT.sub("", value)
        return Trait("phone", digits.removeprefix(INTERNATIONAL)) if digits else None
    if kind == "card":
        return Trait("card", GAPS.sub("", value).casefold())
    return None


def _mailbox(address: str) -> str:
    local, _, host = address.strip().casefold().rpartition("@")
    if host in TAGGED:
        local = local.partition("+")[0]
    if host in DOTTED:
        local = local.replace(".", "")
    return f"{local}@{ALSO.get(host, host)}"
