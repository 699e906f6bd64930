"""The commands about rewards: what there is, stock, codes, redemptions, payouts and draws."""

import contextlib
import json

import pytest

from pointbook.interfaces.cli import (
    card,
    codes,
    draw,
    main,
    payout,
    redemption,
    redemptions,
    rewards,
    stock,
)
from tests.rooms.redemption import fair, shop
from tests.rooms.till import buy, day, posted, publish


@pytest.fixture
def told(db, monkeypatch, capsys):
    for command in (rewards, stock, codes, redemptions, redemption, card, payout, draw):
        monkeypatch.setattr(command, "database", contextlib.nullcontext)

    def run(*words):
        status = main.main(words)
        out, err = capsys.readouterr()
        return status, (out + err).strip()

    return run


@pytest.fixture
def cafe(db):
    program_id = publish(shop.CAFE)
    posted(buy("p1", 30_000))
    fair.at(program_id, day(0, 60))
    return program_id


def test_stock_and_rewards(told, cafe):
    assert told("stock", "beauty", "mug") == (0, "mug: 3 left of 3.")
    assert told("stock", "beauty", "mug", "+2") == (0, "mug: 5 left of 5.")
    assert told("stock", "beauty", "mug", "-1") == (0, "mug: 4 left of 4.")
    assert told("stock", "beauty", "card") == (0, "card: any number.")
    posted(shop.reserve("r1", "mug"), at=day(0, 60))
    status, line = told("stock", "beauty", "mug", "-4")
    assert (status, line.startswith("pointbook: 1 of 'mug' are taken")) == (2, True)
    assert told("stock", "beauty", "mug", "2")[1].startswith("pointbook: '2' is no change")
    assert told("stock", "beauty", "mug", "--slot", "x")[0] == 2
    assert told("stock", "beauty", "cup")[1].startswith("pointbook: no reward 'cup'")
    found = json.loads(told("rewards", "beauty", "--format", "json")[1])
    assert found[0] == {
        "reward": "mug",
        "name": "A mug",
        "price": "100",
        "unit": "points",
        "left": "3",
        "reserved": 1,
        "redeemed": 0,
    }
    left = {row["reward"]: row["left"] for row in found}
    assert (left["card"], left["cinema"]) == ("any number", "0")


def test_codes(told, cafe, tmp_path):
    file = tmp_path / "codes.txt"
    file.write_text("A1\nB2\n\nA1\n")
    status, lines = told("codes", "import", "beauty", "cinema", str(file))
    assert (status, lines.splitlines()) == (
        0,
        ["2 new codes of cinema.", "A1: twice in the file, or known before; kept once."],
    )
    (made,) = told("codes", "generate", "beauty", "cinema", "1")[1].splitlines()
    assert told("stock", "beauty", "cinema") == (0, "cinema codes: 3 left of 3.")
    status, text = told("codes", "export", "beauty", "cinema")
    assert text.splitlines()[1:] == ["A1,free,,,", "B2,free,,,", f"{made},free,,,"]
    assert told("codes", "import", "beauty", "mug", str(file))[0] == 2
    assert told("codes", "import", "beauty", "cinema", str(tmp_path / "none"))[0] == 2


def test_redemptions(told, cafe):
    assert told("redemptions", "beauty") == (0, "No redemptions.")
    posted(shop.reserve("r1", "mug"), at=day(0, 60))
    (row,) = json.loads(told("redemptions", "beauty", "--format", "json")[1])
    assert (row["id"], row["reward"], row["points"], row["state"]) == (
        "r1",
        "mug",
        "100",
        "reserved",
    )
    assert told("redemptions", "beauty", "--review") == (0, "No redemptions.")
    assert told("redemptions", "beauty", "--state", "captured") == (0, "No redemptions.")
    assert told("redemptions", "none")[0] == 2


def test_payouts(told):
    now = fair.at(fair.opened(), day(1))
    fair.take("r1", "trees", now, cause="trees")
    assert "Trees for all" in told("payout", "beauty")[1]
    status, text = told("payout", "beauty", "trees", "--reference", "bank 7")
    assert (status, text.splitlines()[1]) == (
        0,
        "1,2017-01-02,trees,Trees for all,Trees e.V.,1,10.00,5.00,ourselves,0.25,14.75,USD,bank 7",
    )
    status, line = told("payout", "beauty", "trees")
    assert (status, line.startswith("pointbook: Trees for all is owed nothing")) == (2, True)


def test_draws(told):
    program_id = fair.opened()
    status, line = told("draw", "beauty", "bicycle", "--open")
    assert (status, line.startswith("Promised: ")) == (0, True)
    fair.take("r1", "bicycle", fair.at(program_id, day(1)))
    assert told("draw", "beauty", "bicycle")[0] == 2
    assert told("draw", "beauty", "bicycle", "--verify")[0] == 2
    fair.at(program_id, day(14))
    status, text = told("draw", "beauty", "bicycle")
    assert (status, text.splitlines()[-1].startswith("1. Bicycle: entry till/r1/1 of ")) == (
        0,
        True,
    )
    status, again = told("draw", "beauty", "bicycle", "--verify")
    assert (status, again) == (0, f"{text}\nDrawn again: everything is right.")


def test_one_redemption(told):
    now = fair.at(fair.opened(), day(1))
    for turn in range(4):
        fair.take(f"r{turn}", "mug", now)
    fair.reserve("r9", "mug", now)
    status, text = told("redemption", "beauty", "till", "r0")
    assert (status, text.splitlines()[0]) == (0, "till/r0: 1 x mug, captured")
    assert "fulfilment  packed" in told("redemption", "beauty", "till", "r0", "--next")[1]
    assert "fulfilment  sent" in told("redemption", "beauty", "till", "r0", "--step", "sent")[1]
    assert told("redemption", "beauty", "till", "r0", "--no-show")[0] == 2
    assert told("redemption", "beauty", "till", "r0", "--clear")[0] == 2
    assert "r9" in told("redemptions", "beauty", "--review", "--format", "csv")[1]
    assert "review      done" in told("redemption", "beauty", "till", "r9", "--clear")[1]
    status, line = told("redemption", "beauty", "till", "r9", "--refuse")
    assert (status, line.startswith("pointbook: 'r9' is not waiting for a review: done")) == (
        2,
        True,
    )
    assert told("redemption", "beauty", "till", "x")[0] == 2


def test_cards(told):
    fair.at(fair.opened(), day(1))
    status, line = told("card", "issue", "beauty", "25.00", "--id", "s1")
    assert (status, line[19:]) == (0, ": 25.00 USD, the first of it ends on 2019-01-02")
    assert told("card", "issue", "beauty", "25.00", "--id", "s1") == (0, line)
    number = line[:19]
    assert told("card", "top-up", "beauty", number, "5.00")[1].startswith(f"{number}: 30.00 USD")
    assert told("card", "show", "beauty", number.lower())[1].startswith(f"{number}: 30.00 USD")
    assert told("card", "show", "beauty", "1") == (
        2,
        "pointbook: there is no such card. Compare the number with the card.",
    )
