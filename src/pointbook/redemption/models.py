"""What was redeemed and what became of it; shelves, codes, waiting lists, payouts and draws.

How many points a redemption holds or took, and whether it was captured, is the ledger's to say
(`ledger.Hold`, by the same fact). Steps of fulfilment only grow.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

link = partial(models.ForeignKey, on_delete=models.PROTECT, related_name="+")


class Shelf(models.Model):
    """How many there are of something that all members share, and how many are taken.

    A reward's stock has neither slot nor span, a slot's places have a slot, codes the span `codes`,
    and a total the span `each|first day`.
    """

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program", db_index=False)
    reward = models.CharField(max_length=100)
    slot = models.CharField(max_length=100)
    span = models.CharField(max_length=30)
    supply = models.IntegerField()
    taken = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["program", "reward", "slot", "span"], name="shelf_once"
            ),
            models.CheckConstraint(condition=Q(taken__gte=0), name="shelf_taken"),
        ]


class Redemption(models.Model):
    """A reward that a member reserved or took at once, by the fact that did.

    `receiver` gets it when it is a gift. `side` is its row in the books, `cost` and `cash` are
    minor units for all of it. `fulfilment` is the last step, `review` and `confirm` say what must
    still happen before it can be captured (open), or that it has happened (done, refused). Of a
    gift to a cause `paid` minor units were paid out so far, the last of it with `payout`.
    """

    class Check(models.TextChoices):
        NONE = ""
        OPEN = "open"
        DONE = "done"
        REFUSED = "refused"

    fact = models.OneToOneField("ledger.Fact", models.PROTECT, primary_key=True)
    program = link("programs.Program", db_index=False)
    member = link("members.Member")
    receiver = link("members.Member", null=True)
    reward = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    version = models.IntegerField()
    quantity = models.IntegerField()
    slot = models.CharField(max_length=100)
    options = models.JSONField(default=dict)
    cause = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    side = models.CharField(max_length=12)
    cost = models.BigIntegerField()
    cash = models.BigIntegerField()
    at = models.DateTimeField()
    fulfilment = models.CharField(max_length=20)
    review = models.CharField(max_length=8, choices=Check, default="")
    confirm = models.CharField(max_length=8, choices=Check, default="")
    payout = link("redemption.Payout", null=True)
    paid = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["program", "-at"], name="redemption_by_time"),
            models.Index(fields=["program", "reward", "slot"], name="redemption_of_reward"),
            models.Index(
                fields=["program"], name="redemption_to_review", condition=Q(review="open")
            ),
            models.Index(
                fields=["program"], name="redemption_to_causes", condition=Q(kind="charity")
            ),
        ]


class Progress(models.Model):
    """One step of a redemption's fulfilment, by whom and why. Append-only."""

    id = models.BigAutoField(primary_key=True)
    redemption = link(Redemption)
    step = models.CharField(max_length=20)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=254)
    note = models.CharField(max_length=500)


class Code(models.Model):
    """A code that stands for a reward: imported or made, free until a redemption gets it.

    `place` tells the codes of a redemption of several apart.
    """

    class State(models.TextChoices):
        FREE = "free"
        GIVEN = "given"
        USED = "used"
        VOID = "void"

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program", db_index=False)
    reward = models.CharField(max_length=100)
    code = models.CharField(max_length=64)
    state = models.CharField(max_length=5, choices=State)
    redemption = link(Redemption, null=True)
    place = models.IntegerField(default=1)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "code"], name="code_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["given", "used"]) | Q(redemption__isnull=False),
                name="code_given_to_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["program", "reward", "id"], name="code_free", condition=Q(state="free")
            ),
        ]


class OneTimeCode(models.Model):
    """The code that confirms a redemption, as a salted digest; `tries` were wrong.

    `issued` codes were sent for it; only the last one counts.
    """

    redemption = models.OneToOneField(Redemption, models.PROTECT, primary_key=True)
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)
    ends_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    issued = models.SmallIntegerField(default=1)


class Waiting(models.Model):
    """Somebody who waits for a place in a slot; the first to come is offered the first place."""

    class State(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"
        TAKEN = "taken"
        LEFT = "left"

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program", db_index=False)
    reward = models.CharField(max_length=100)
    slot = models.CharField(max_length=100)
    member = link("members.Member")
    since = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["program", "reward", "slot", "member"],
                name="waiting_once",
                condition=Q(state__in=["waiting", "offered"]),
            ),
        ]


class Payout(models.Model):
    """What was paid to a cause at once: what members gave, what was added, less the fee.

    Numbers have no gaps within a program. `reference` is that of the bank.
    """

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program", db_index=False)
    number = models.IntegerField()
    cause = models.CharField(max_length=100)
    at = models.DateTimeField()
    given = models.BigIntegerField()
    matched = models.BigIntegerField()
    fee = models.BigIntegerField()
    gifts = models.IntegerField()
    reference = models.CharField(max_length=100)
    actor = models.CharField(max_length=254)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "number"], name="payout_number_once"),
            models.CheckConstraint(
                condition=Q(given__gte=0, matched__gte=0, fee__gte=0, fee__lte=F("given")),
                name="payout_amounts",
            ),
        ]


class Draw(models.Model):
    """A sweepstake's draw: the commitment is published first, the seed with the winners.

    `entries` is how many took part, `digest` the SHA-256 of the list that was drawn from.
    """

    id = models.BigAutoField(primary_key=True)
    program = link("programs.Program", db_index=False)
    reward = models.CharField(max_length=100)
    commitment = models.CharField(max_length=64)
    seed = models.BinaryField(max_length=32)
    drawn_at = models.DateTimeField(null=True)
    entries = models.IntegerField(null=True)
    digest = models.CharField(max_length=64)
    winners = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "reward"], name="draw_once"),
        ]
