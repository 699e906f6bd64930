"""The codes by which members invite others. Raises nothing of its own."""

from __future__ import annotations

import secrets
import uuid
from typing import Final

from django.db import transaction

from pointbook.members.models import Identifier, Member

# No two of these look or sound alike; capitals and digits make a coarse QR code.
ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH: Final = 8


def referral_code(*, program_id: int, member_id: uuid.UUID) -> str:
    """The code by which a member invites; it is made when it is first asked for, and stays."""
    with transaction.atomic():
        # Who asks twice at once waits here, and finds the first one's code.
        Member.objects.select_for_update().get(program_id=program_id, id=member_id)
        known = Identifier.objects.filter(member_id=member_id, kind=Identifier.Kind.REFERRAL)
        found = known.order_by("id").first()
        while found is None:
            Identifier.objects.bulk_create(
                [
                    Identifier(
                        program_id=program_id,
                        member_id=member_id,
                        kind=Identifier.Kind.REFERRAL,
                        value="".join(secrets.choice(ALPHABET) for _ in range(LENGTH)),
                    )
                ],
                ignore_conflicts=True,
            )
            found = known.order_by("id").first()
        return found.value


def inviter(*, program_id: int, code: str) -> uuid.UUID | None:
    """The member whose code it is; None when it is nobody's."""
    found = Identifier.objects.filter(
        program_id=program_id, kind=Identifier.Kind.REFERRAL, value=code.strip().upper()
    )
    return found.values_list("member_id", flat=True).first()
