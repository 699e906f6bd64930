"""`make demo`: a year of a real supermarket's sales, from baskets to twelve closed months.

Then a second program begins from a starter: a month of a café, with two guests who are made up, and
a third, an outdoor shop's, whose members book what they have points for.
Every step is a command that you could type; each is shown before it runs. What was done once is
not done again. The demo lives in its own home (POINTBOOK_HOME, `.demo` here), never in yours.

    python demo/run.py             set up, then serve until Ctrl-C
    python demo/run.py --no-serve  only set up
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import prepare

from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.database import server

ROOT = Path(__file__).resolve().parents[1]
STARTERS = ROOT / "src" / "pointbook" / "programs" / "starters"
PORT = os.environ.get("PORT", "8000")
# The clock stands where the data ends, so that the points of 2017 are alive.
DATA_ENDS = "2018-01-01T05:00"
MONTHS = [f"2017-{month:02d}" for month in range(1, 13)]
DATA = "journey.parquet"
# What is expected of points before anybody has seen any to their end.
PRIOR = "0.92"
# The first month before which a month's points were seen to their end.
RUN_OFF = "2017-08"


def main(arguments: list[str]) -> int:
    """Set up what is missing, then serve."""
    here = home.current()
    done = here.path / "demo-is-ready"
    sign_in = here.path / "demo-sign-in.txt"
    if not done.exists():
        set_up(here, sign_in)
        done.touch()
    tell(sign_in)
    if "--no-serve" in arguments:
        return 0
    return subprocess.call([*POINTBOOK, "run", "--port", PORT])


def set_up(here: home.Home, sign_in: Path) -> None:
    """The main job: publish, import, close; then a second program."""
    began = time.monotonic()
    answer = pointbook("init", capture=True)
    if shown := re.search(r"Sign in as (\S+) with the password (\S+)", answer):
        sign_in.touch(mode=0o600)
        sign_in.write_text(f"{shown[1]} {shown[2]}\n")
    with server(here=here):  # one server for all steps
        steps(here.path)
        say(f"The year is closed. It took {(time.monotonic() - began) / 60:.1f} minutes.")
        begin_another(here.path)
        redeem(here.path)


def steps(folder: Path) -> None:
    """A real year: 2,469 households of the Complete Journey; how they burn is simulated."""
    say("2,469 households and their 155,848 baskets of 2017 are real (the Complete Journey).")
    say("How they burn points is simulated: at each month's end whoever holds 500 burns hundreds.")
    data = prepare.journey(folder / DATA)
    pointbook("program", "publish", str(STARTERS / "beauty-tiers.yaml"))
    pointbook("clock", "beauty", "--to", DATA_ENDS)
    note = ["--note", "stated in advance: no points of ours have run off yet"]
    first = ["--program", "beauty", "--from", MONTHS[0], "--as", "operator"]
    pointbook("estimate", "set", PRIOR, *first, *note)
    behaviour = str(STARTERS / "month-end-burners.yaml")
    sets = ["--set", "source=journey", "--set", "type=purchase"]
    pointbook("import", str(data), "--program", "beauty", *sets, "--behaviour", behaviour)
    pointbook("clock", "beauty", "--to", DATA_ENDS)
    people = folder / "people.csv"
    people.write_text(PEOPLE)
    pointbook("import-people", str(people), "--program", "beauty")
    for month in MONTHS:
        if month == RUN_OFF:
            say("Points end after 180 days: January's have run off, and their use is known now.")
        if month >= RUN_OFF:
            estimate(month)
        pointbook("close", month, "--as", "operator")
    for view in (["show"], ["triangle", "--to", MONTHS[-1]], ["back-test"], ["sensitivity"]):
        pointbook("estimate", *view, "--program", "beauty")
    pointbook("report", "liability-rollforward", "--program", "beauty")


def estimate(month: str) -> None:
    """Expected redemption from a month on, by what was known when the month before it ended.

    Cohorts seen in fewer than three months are weighed against the rate stated in January.
    """
    words = ["--method", "bornhuetter_ferguson", "--prior", PRIOR, "--young", "3"]
    words += ["--note", "prior as stated in January, until a cohort is three months old"]
    pointbook("estimate", "run", *words, "--program", "beauty", "--from", month, "--as", "operator")


def begin_another(folder: Path) -> None:
    """A program from a starter in one command, a month of it, and one fact explained."""
    say("A second program, from a starter: a café, with two guests who are made up.")
    pointbook("entity", "add", "cafe", "--name", "The café")
    out = str(folder / f"{COFFEE}.yaml")
    pointbook("new", "--starter", COFFEE, "--entity", "cafe", "--out", out)
    pointbook("clock", COFFEE, "--to", CAFE_ENDS)
    visits = folder / "visits.ndjson"
    visits.write_text("\n".join(map(json.dumps, VISITS)) + "\n")
    pointbook("import", str(visits), "--program", COFFEE)
    for name, body in (("coffee", NEXT_COFFEE), ("guest", GUEST)):
        (folder / f"{name}.json").write_text(json.dumps(body))
    words = [str(folder / "coffee.json"), "--member", str(folder / "guest.json")]
    pointbook("program", "simulate", COFFEE, *words)


def redeem(folder: Path) -> None:
    """A program whose points buy evenings and days out: reserved, used, let go."""
    say("A third one, an outdoor shop's: what points are redeemed for, in two phases.")
    pointbook("entity", "add", "trail", "--name", "The outdoor shop")
    out = str(folder / f"{OUTDOOR}.yaml")
    pointbook("new", "--starter", OUTDOOR, "--entity", "trail", "--out", out)
    pointbook("clock", OUTDOOR, "--to", OUTDOOR_STANDS)
    booked = folder / "bookings.ndjson"
    booked.write_text("\n".join(map(json.dumps, BOOKINGS)) + "\n")
    pointbook("import", str(booked), "--program", OUTDOOR)
    pointbook("rewards", OUTDOOR)
    pointbook("redemptions", OUTDOOR)


OUTDOOR = "outdoor-experiences"
OUTDOOR_STANDS = "2026-05-01T12:00"


def outing(key: str, kind: str, minute: int, **told: object) -> dict[str, object]:
    """A fact of the outdoor shop in the morning of the first of May 2026."""
    at = f"2026-05-01T11:{minute:02}"
    return {"source": "trail", "id": key, "type": kind, "occurred_at": at} | told


def about(key: str) -> dict[str, object]:
    """What a fact says of the one that it is about."""
    return {"about": {"source": "trail", "id": key}}


# Kim books an evening, uses it and a discount; Lou books a day on the rock and gives it up again.
BOOKINGS = [
    outing("boots", "purchase", 0, member="kim", total="620.00"),
    outing("tent", "purchase", 1, member="lou", total="980.00"),
    outing(
        "evening", "reserve", 40, member="kim", attributes={"reward": "map-course", "slot": "may"}
    ),
    outing("evening-used", "capture", 45, **about("evening")),
    outing("ten", "burn", 46, member="kim", attributes={"reward": "ten-off"}),
    outing(
        "rock",
        "reserve",
        47,
        member="lou",
        attributes={"reward": "climbing-day", "slot": "june-13"},
    ),
    outing("rock-let-go", "release", 50, **about("rock")),
    outing(
        "again", "reserve", 55, member="lou", attributes={"reward": "map-course", "slot": "june"}
    ),
]
COFFEE = "coffee-stars"
CAFE_ENDS = "2018-01-31T20:00"


def visit(day: int, member: str, **told: object) -> dict[str, object]:
    """A fact of the café in January 2018; a purchase unless it says otherwise."""
    fact = {"source": "café", "id": f"{day:02}-{member}", "type": "purchase", "member": member}
    return fact | {"occurred_at": f"2018-01-{day:02}T08:15"} | told


# Ida reaches Gold with a party and uses a reward; Jon brings a part of his back.
VISITS = [
    visit(3, "ida", total="6.40"),
    visit(4, "jon", total="12.90"),
    visit(9, "ida", total="540.00", attributes={"order": "a party"}),
    visit(12, "ida", total="5.80"),
    visit(16, "ida", total="7.20", attributes={"double_stars": True}),
    visit(18, "jon", type="return", total="4.50", returns={"source": "café", "id": "04-jon"}),
    visit(23, "ida", type="burn", attributes={"reward": "handcrafted"}),
    visit(30, "jon", total="9.60"),
]
NEXT_COFFEE = {
    "occurred_at": "2018-02-01T08:15",
    "total": "5.80",
    "attributes": {"double_stars": True},
}
GUEST = {"tier": "Gold", "balance": 370}

# The households have numbers only; these names are made up, so that a card can be opened.
CARDHOLDER = "ada@example.org"
PEOPLE = f"""member,name,email,consent
1321,Ada Example,{CARDHOLDER},yes
410,Ben Example,ben@example.org,no
"""
POINTBOOK = [str(Path(sys.executable).parent / "pointbook")]


def pointbook(*words: str, capture: bool = False) -> str:
    """Show a command and run it; the demo ends where one fails."""
    shown = " ".join(word.replace(f"{ROOT}/", "") for word in words)
    print(f"\n$ pointbook {shown}", flush=True)
    done = subprocess.run(
        [*POINTBOOK, *words], text=True, stdout=subprocess.PIPE if capture else None, check=False
    )
    if capture:
        print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout or ""


def tell(sign_in: Path) -> None:
    """Where to look, and as whom."""
    name, password = sign_in.read_text().split()
    say(f"Open http://127.0.0.1:{PORT} and sign in as {name} with the password {password}")
    say(
        f"A member's card: http://127.0.0.1:{PORT}/card/beauty/ with the address {CARDHOLDER};"
        " the code is printed below, as a mail."
    )
    if (sign_in.parent / f"{COFFEE}.yaml").exists():
        say(f"The second program: http://127.0.0.1:{PORT}/?program={COFFEE}")
    if (sign_in.parent / f"{OUTDOOR}.yaml").exists():
        say(f"The third, with rewards: http://127.0.0.1:{PORT}/?program={OUTDOOR}")


def say(text: str) -> None:
    """A line of the demo's own."""
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
