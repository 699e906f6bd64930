"""The tables of docs/concepts/books.md are those of the code.

Run `python -m tests.engine.revenue.test_matrix_page` to write them again.
"""

from pathlib import Path

from pointbook.engine.revenue.matrix import AWAY, BESIDE, HERE, HERE_COST, MATRIX, REDEMPTIONS
from pointbook.engine.revenue.policies import ROLES, Beside, Event

PAGE = Path(__file__).parents[3] / "docs" / "concepts" / "books.md"
START = "<!-- The tables below are made from the posting matrix; a test keeps them true. -->\n"
END = "<!-- End of the tables. -->\n"
MEASURES = ("share", "cost", "due", "face")
USED = ("share", "cost", "face")
ROLE = {
    "owed": "*owed*",
    "given": "*given*",
    "rest": "*rest*",
    "used": "*used*",
    "broken": "*broken*",
    "changed": "*changed*",
}


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines) + "\n"


def cell(postings):
    """Rows as DR / CR with the amount; '-' where nothing is posted."""
    said = [
        f"{ROLE.get(debit, debit)} / {ROLE.get(credit, credit)} {amount}"
        for debit, credit, amount in postings
    ]
    return "; ".join(said) or "-"


def words(name):
    return str(name).replace("_", " ")


def page():
    """The tables as they stand on the page."""
    roles = [
        [f"`{policy}`", one.measure, *(getattr(one, role) for role in ROLE)]
        for policy, one in ROLES.items()
    ]
    events = [
        [words(event), *(cell(MATRIX[event, measure]) for measure in MEASURES)]
        for event in Event
        if any(MATRIX[event, measure] for measure in MEASURES)
    ]
    sides = list(dict.fromkeys(side for _, side in REDEMPTIONS))
    used = [
        [words(side) or "plain", *(cell(REDEMPTIONS[one, side]) for one in USED)] for side in sides
    ]
    pairs = [[one, cell(AWAY[one]), cell(HERE[one])] for one in MEASURES if AWAY[one]]
    own = [[words(side), cell([posting])] for side, posting in HERE_COST.items()]
    others = [
        [words(event), kind or "-", cell(postings)]
        for (event, kind), postings in BESIDE.items()
        if event is not Beside.EXCHANGE
    ]
    monetary = ", ".join(kind for event, kind in BESIDE if event is Beside.EXCHANGE)
    return (
        "**The accounts of every policy.**\n\n"
        + table(["policy", "measure", *(ROLE[name] for name in ROLE)], roles)
        + "**What every event posts**, debit / credit and the amount.\n\n"
        + table(["event", *MEASURES], events)
        + "**What redemptions post**, by what was given; a cancelled one swaps the sides.\n\n"
        + table(["side", *USED], used)
        + "**Points used at another entity**: in the books that gave them, and in those where they"
        " were used.\n\n"
        + table(["measure", "gave them", "used there"], pairs)
        + "The second also has what was given, by its side:\n\n"
        + table(["side", "used there"], own)
        + "**Beside the cohorts.**\n\n"
        + table(["event", "kind", "posts"], others)
        + f"Exchange posts 7000 against each account that is settled in money: {monetary}.\n\n"
    )


def test_the_page_has_the_tables_of_the_code():
    text = PAGE.read_text()
    assert text[text.index(START) + len(START) : text.index(END)] == "\n" + page()


if __name__ == "__main__":
    text = PAGE.read_text()
    before, after = text[: text.index(START) + len(START)], text[text.index(END) :]
    PAGE.write_text(f"{before}\n{page()}{after}")
