"""`pointbook estimate`: from a triangle to an estimate that somebody else approved."""

import contextlib
import json

import pytest
from django.contrib.auth import get_user_model

from pointbook.accounting.models import Setting
from pointbook.controls.clock import now
from pointbook.interfaces.cli import close, estimate
from pointbook.interfaces.cli.main import main
from pointbook.programs.models import Entity, Estimate
from tests.rooms.accounting.conftest import Shop


@pytest.fixture
def command(db, monkeypatch, capsys):
    """`pointbook WORDS` in this test's transaction: status, stdout, stderr."""
    for module in (close, estimate):
        monkeypatch.setattr(module, "database", contextlib.nullcontext)

    def call(words):
        status = main(words.split())
        said = capsys.readouterr()
        return status, said.out, said.err

    shop = Shop(expires="{after_days: 20}").open()
    for month in range(1, 7):
        shop.happened(
            shop.buy(f"2017-{month:02}-20", 100_000, member=f"m{month}"),
            shop.burn(f"2017-{month:02}-25", 20 + month, member=f"m{month}"),
        )
        if month > 1:
            shop.happened(shop.burn(f"2017-{month:02}-02", 30, member=f"m{month - 1}"))
    shop.expire("2017-07-01")
    for name in ("ana", "jonas"):
        get_user_model().objects.create_user(username=name, role="controller")
    return call


RUN = (
    "estimate run --method bornhuetter_ferguson --prior 0.9 --young 2 --program shop --from 2017-06"
)


def test_run_and_show(command):
    status, out, _ = command(f"{RUN} --as ana --note as-agreed")
    assert status == 0
    assert out.startswith("Estimate 1 of shop: 0.5")
    assert "range 5" in out
    assert out.endswith("(paper 1), prepared and approved by ana.\n")
    status, out, _ = command("estimate show --program shop")
    lines = out.splitlines()
    assert lines[0] == "Paper 1 of shop, estimate 1: bornhuetter_ferguson from 2017-06"
    assert "prior 0.9, young below 2 ages" in lines[1]
    assert lines[2].startswith("Data to 2017-05, 17 facts up to number ")
    assert lines[3:5] == ["Prepared by ana, approved by ana (their own)", "Note: as-agreed"]
    rows = {line.split()[0]: line.split()[1:] for line in lines if line[:5] in ("2017-", "New p")}
    # 21 and 30 of 100 in January, which has run off; May is young and leans on the prior.
    assert rows["2017-01"] == "100 51 4 51 0.5100 0.5100 0.5100 1.0000 run_off 0.5100".split()
    assert "bornhuetter_ferguson" in rows["2017-05"]
    assert "0.9000" in rows["2017-05"]
    assert "Factors" in out
    assert "hazard" in out
    cohorts = json.loads(command("estimate show --program shop --format json")[1])
    assert cohorts[0]["rate"] == "0.51000000"
    listed = command("estimate list --program shop")[1]
    assert "bornhuetter_ferguson" in listed


def test_triangle_back_test_and_sensitivity(command):
    shares = command("estimate triangle --program shop --to 2017-05")[1]
    assert "2017-01" in shares
    assert "0.5100" in shares
    assert "These points end within 2 ages." in shares
    used = command("estimate triangle --program shop --to 2017-05 --points --format csv")[1]
    assert used.splitlines()[1] == "2017-01,100,21,30,0,0,0"
    command("estimate set 0.6 --program shop --from 2017-01")
    command(f"{RUN} --propose")
    tested = command("estimate back-test 2 --program shop")[1]
    assert tested.splitlines()[0].startswith("Back-test of bornhuetter_ferguson on 2017-05")
    # A month before, April leaned on the prior: 52 more were expected of it.
    assert tested.splitlines()[-1].split() == ["Total", "52", "30", "0.5769"]
    owed = command("estimate sensitivity 2 --program shop")[1]
    assert "expected redemption +5 points" in owed
    assert command("estimate sensitivity --program shop")[0] == 0


def test_one_prepares_and_another_approves(command):
    Setting.objects.create(
        entity=Entity.objects.get(),
        number=1,
        full=True,
        owner_run=False,
        recorded_by="olga",
        recorded_at=now(),
    )
    out = command(f"{RUN} --as ana")[1]
    assert out.startswith("Working paper 1 of shop: 0.5")
    assert out.endswith("it waits for somebody to approve it.\n")
    assert "it waits for somebody" in command("estimate show 1 --program shop")[1]
    assert "may not approve it" in command("estimate approve 1 --program shop --as ana")[2]
    out = command("estimate approve 1 --program shop --as jonas")[1]
    assert out == (
        "Proposal 1 of main (estimate) is in force as estimate 1, approved by jonas;"
        " prepared by ana.\n"
    )
    assert Estimate.objects.get().approved_by == "jonas"
    out = command("estimate cost 0.4 --program shop --from 2017-06 --as ana")[1]
    assert out.startswith("Proposal 2, one of shop's points: 0.4 from 2017-06; it waits")


def test_a_cost(command):
    out = command("estimate cost 0.4 --program shop --from 2017-06")[1]
    assert out == (
        "Cost 1 of one of shop's points: 0.4 from 2017-06,"
        " prepared and approved by the owner who ran this.\n"
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("run --method chain_ladder --program shop --from 2017-02", "state a prior"),
        ("run --method flat --program shop --from 2017-02", "flat needs a rate"),
        ("run --method hazard --prior x --program shop --from 2017-02", "'x' is not a number"),
        ("run --method hazard --prior 2 --program shop --from 2017-02", "prior cannot be 2"),
        ("run --method hazard --program shop --from 2017-02 --unit miles", "there were no miles"),
        ("run --method hazard --program shop --from 2017-06 --to 2030-01", "is not over"),
        ("show --program shop", "shop has no working paper"),
        ("show 7 --program shop", "shop has no working paper 7"),
        ("cost many --program shop --from 2017-02", "'many' is not a number"),
        ("approve 7 --program shop", "no proposal 7"),
    ],
)
def test_a_mistake_is_one_line_with_its_mend(command, words, says):
    status, out, err = command(f"estimate {words}")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert says in err
