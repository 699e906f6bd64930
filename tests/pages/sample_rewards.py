"""Sample models of the pages about rewards."""

from datetime import UTC, date, datetime

from pointbook.interfaces.console.pages import rewards
from tests.pages.samples import UNIT

MEMBER = ("Elif Kaya", "/members/1/")


def a_redemption(
    key: str = "app-1", *, state: str = "Redeemed", note: str = "ordered", step: str = "packed"
) -> rewards.Redeemed:
    live = state == "Reserved"
    return rewards.Redeemed(
        source="portal",
        key=key,
        on=date(2018, 1, 1),
        reward="The harbour mug",
        reward_href="/rewards/of/mug/",
        member=MEMBER[0],
        member_href=MEMBER[1],
        quantity=2,
        points="600 points",
        state=state,
        open=live,
        note=note,
        step=step,
        undoes="release" if live else "cancel",
        ends=datetime(2018, 1, 1, 4, 30, tzinfo=UTC) if live else None,
    )


REDEEMED = (
    a_redemption("app-1", state="Reserved", note="", step=""),
    a_redemption("app-2"),
    a_redemption("app-3", note="delivered", step=""),
)


def a_catalogue(*, suspicious: bool = False) -> rewards.Rewards:
    return rewards.Rewards(
        program="Beauty tiers",
        currency="USD",
        month=date(2018, 1, 1),
        answer="Redeemed 12 times in January, for 1,230 points.",
        rewards=(
            rewards.Listed(
                "/rewards/of/mug/", "The harbour mug", "Product", "300 points", "", "1 of 3",
                gone=False, times=2, points="600 points", reserved=1,
            ),
            rewards.Listed(
                "/rewards/of/tasting/", "Evening of coffee", "Experience", "200 points",
                "$4.00", "0 of 24 places", gone=True, times=10, points="630 points", reserved=0,
            ),
        ),
        review=(a_redemption("app-4", state="Reserved", note="to be looked at", step=""),)
        if suspicious
        else (),
        may_review=True,
        causes=(rewards.Cause("trees", "Trees for all", 3, 300, 150, 15, 435),),
        payouts=(rewards.Payout(1, date(2017, 12, 1), "Trees for all", 900, "SEPA 4711"),),
        may_pay=True,
        token="7f",
    )  # fmt: skip


def no_rewards() -> rewards.Rewards:
    return rewards.Rewards(
        program="Beauty tiers",
        currency="USD",
        month=date(2018, 1, 1),
        answer="Nothing was redeemed in January yet.",
        rewards=(),
        review=(),
        may_review=False,
        causes=(),
        payouts=(),
        may_pay=False,
        token="",
    )


def a_reward() -> rewards.Reward:
    return rewards.Reward(
        code="mug",
        name="The harbour mug",
        kind="Product",
        price="300 points",
        worth=900,
        currency="USD",
        unit=UNIT,
        sentences=("It is handed over or sent to you.", "There are 3 of it."),
        supply=3,
        taken=2,
        times=2,
        points="600 points",
        month=date(2018, 1, 1),
        redeemed=REDEEMED,
        older="?before=7",
        may_supply=True,
        may_fulfil=True,
        slots=(a_slot(begun=False), a_slot(begun=True)),
        codes=rewards.Codes(12, 3, 40, 1, may_import=True, export="/rewards/of/mug/codes.csv"),
        draw=a_draw(),
        token="7f",
    )


def a_slot(*, begun: bool) -> rewards.Slot:
    return rewards.Slot(
        code="jan",
        at=datetime(2018, 1, 9, 18, tzinfo=UTC),
        until=datetime(2018, 1, 9, 20, 30, tzinfo=UTC),
        place="Roastery",
        left=0,
        supply=3,
        begun=begun,
        guests=tuple(
            rewards.Guest("portal", f"b-{n}", *MEMBER, came=came)
            for n, came in enumerate((None, True, False))
        ),
        waiting=("Ada Marin, a place is offered", "Jonas W."),
    )


def a_draw() -> rewards.Draw:
    return rewards.Draw(
        on=date(2018, 1, 1),
        commitment="5f" * 32,
        drawn_on=date(2018, 1, 1),
        seed="a0" * 32,
        entries=412,
        digest="c3" * 32,
        winners=(rewards.Winner(1, "Bicycle", *MEMBER),),
        wrong=(),
        due=False,
        may=True,
    )
