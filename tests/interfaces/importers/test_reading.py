"""Files to facts: every kind of file, clean and odd ways alike, refused rows with their reasons."""

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.values.facts import Coupon, Line, Returned, Tender
from pointbook.interfaces.importers import documents
from pointbook.interfaces.importers.batches import Summary
from pointbook.interfaces.importers.fields import FileError, Request, pairs
from pointbook.interfaces.importers.people import columns_of, read_people
from pointbook.interfaces.importers.reading import open_facts
from pointbook.interfaces.importers.rejects import RejectFile

SALES = {"source": "shop", "type": "purchase"}


def read(path, *, mapping=(), constants=(), zone=UTC, size=5_000, **more):
    """The facts of a file, its rejects, and the columns that were ignored."""
    request = Request(path, dict(mapping), dict(constants))
    facts, rejects = [], []
    with open_facts(request, currency="USD", zone=zone, **more) as staged:
        for batch in staged.batches(size=size):
            facts += batch.facts
            rejects += batch.rejects
        return facts, rejects, staged.ignored


def write(folder, name, text):
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_bytes(text.encode())
    return path


def parquet(folder, query, name="facts.parquet"):
    path = folder / name
    duckdb.connect().execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


BASKETS = """\
id,occurred_at,member,store,sku,quantity,amount,coupon,labels,tender.cash,attributes.till
b2,2017-01-02T10:00:00Z,ada,s1,apple,2,3.00,0.50,fresh|fruit,3.50,4
b2,2017-01-02T10:00:00Z,ada,s1,pear,1.5,1.00,,,3.50,4
b1,2017-01-01 09:00:00,,s1,milk,1,0.99,,,,
"""


@pytest.mark.parametrize("name", ["baskets.csv", "baskets.csv.gz"])
def test_rows_of_one_id_are_the_lines_of_one_fact(tmp_path, name):
    facts, rejects, _ = read(write(tmp_path, name, BASKETS), constants=SALES)
    assert not rejects
    first, second = facts
    assert (first.id, first.member, first.total, first.spend) == ("b1", None, 99, 99)
    assert second.occurred_at == datetime(2017, 1, 2, 10, tzinfo=UTC)
    assert second.total == 350
    assert second.coupons == (Coupon("", 50),)
    assert second.tenders == (Tender("cash", 350),)
    assert second.attributes == {"till": "4"}
    assert second.lines == (
        Line(sku="apple", quantity=Decimal(2), amount=300, labels=("fresh", "fruit")),
        Line(sku="pear", quantity=Decimal("1.5"), amount=100),
    )


def test_flat_ndjson_reads_like_a_table(tmp_path):
    header, *rows = [line.split(",") for line in BASKETS.splitlines()]
    text = "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows)
    table, _, _ = read(write(tmp_path, "baskets.csv", BASKETS), constants=SALES)
    flat, rejects, _ = read(write(tmp_path, "baskets.ndjson", text), constants=SALES)
    assert (flat, rejects) == (table, [])


def test_parquet_reads_floats_by_their_text(tmp_path):
    path = parquet(
        tmp_path,
        """SELECT 7 AS basket, TIMESTAMP '2017-03-01 12:00:00' AS "when", 1.15 :: DOUBLE AS paid,
        0.1 :: FLOAT AS off, ['a', 'b'] AS labels UNION ALL BY NAME
        SELECT 8 AS basket, TIMESTAMP '2017-03-01 12:00:00' AS "when", 1.155 :: DOUBLE AS paid""",
    )
    mapping = {"id": "basket", "occurred_at": "when", "amount": "paid", "discount": "off"}
    facts, rejects, _ = read(path, mapping=mapping, constants=SALES)
    assert [line[5:] for fact in facts for line in fact.lines] == [
        (("a", "b"), Decimal(1), None, 115, 10, 0)
    ]
    assert [(reject.line, reject.field, reject.value) for reject in rejects] == [
        (2, "amount", 1.155)
    ]


def test_the_dust_of_floats_in_a_text_is_swept(tmp_path):
    """A CSV written from binary floats has texts that no till ever printed."""
    rows = ["1.776357e-15", "0.30000000000000004", "-2.9999999999999996", "1.005", "1.00500000001"]
    text = "id,occurred_at,amount\n" + "".join(f"{n},2017-01-01,{a}\n" for n, a in enumerate(rows))
    facts, rejects, _ = read(write(tmp_path, "dust.csv", text), constants=SALES)
    assert [fact.total for fact in facts] == [0, 30, -300]
    assert [reject.line for reject in rejects] == [5, 6]


def test_naive_times_are_in_the_programs_zone(tmp_path):
    berlin = ZoneInfo("Europe/Berlin")
    path = parquet(
        tmp_path, "SELECT 1 AS id, TIMESTAMP '2017-07-01 12:00:00' AS occurred_at, 1 AS total"
    )
    [fact], _, _ = read(path, constants=SALES, zone=berlin)
    assert fact.occurred_at == datetime(2017, 7, 1, 10, tzinfo=UTC)
    assert fact.total == 100


def test_whole_facts_come_sorted_and_the_same_fact_twice_is_one(tmp_path):
    fact = {**SALES, "id": "2", "occurred_at": "2017-01-02T00:00:00Z", "total": 3.5, "colour": 1}
    back = {
        **fact,
        "id": "1",
        "type": "return",
        "occurred_at": "2017-01-02T01:00:00+01:00",
        "returns": {"source": "shop", "id": "0"},
        "lines": [{"sku": "a", "amount": "3.50", "shelf": 9}],
    }
    text = "\n".join(json.dumps(document) for document in (fact, back, fact)) + "\n"
    for name in ("facts.ndjson", "facts.jsonl.gz"):
        facts, rejects, ignored = read(write(tmp_path, name, text))
        assert not rejects
        assert [fact.id for fact in facts] == ["1", "2"]
        assert facts[0].returns == Returned("shop", "0")
        assert ignored == ("colour", "lines.shelf")


def test_what_only_later_rows_say_is_read_or_told(tmp_path):
    row = {"id": "b", "occurred_at": "2017-01-01", "member": "ada", "sku": "a", "amount": "1.00"}
    rows = [{**row, "id": f"{n:04}"} for n in range(documents.SAMPLE + 5)]
    rows[-1] |= {"coupon": "0.25", "attributes.till": "4", "colour": "red"}
    text = "\n".join(map(json.dumps, rows)) + "\n"
    facts, rejects, ignored = read(write(tmp_path, "rows.ndjson", text), constants=SALES)
    assert not rejects
    assert (facts[-1].coupons, facts[-1].attributes) == ((Coupon("", 25),), {"till": "4"})
    assert {fact.total for fact in facts[:-1]} == {100}
    assert ignored == ("colour",)


def test_what_only_later_people_bring_is_read(tmp_path):
    people = [{"member": f"{n}"} for n in range(1_999)]
    people += [{"member": "last", "lots": [{"points": 5}], "colour": "red"}]  # type: ignore[dict-item]
    request = Request(write(tmp_path, "people.ndjson", "\n".join(map(json.dumps, people))), {}, {})
    chosen = columns_of(request)
    assert chosen.ignored == ("colour",)
    (found,) = read_people(request, chosen)
    assert [lot.points for lot in found.arrivals[-1].opening.lots] == ["5"]


BROKEN_CSV = """\
id,occurred_at,member,sku,amount,quantity,total
good,2017-01-01,ada,a,1.00,1,
cents,2017-01-01,ada,a,1.00,1,
cents,2017-01-01,ada,b,1.005,1,
time,yesterday,ada,a,1.00,1,
,2017-01-01,ada,a,1.00,1,
header,2017-01-01,ada,a,1.00,1,
header,2017-01-01,bob,b,1.00,1,

count,2017-01-01,ada,"two
lines",1.00,many,
wide,2017-01-01,ada,a,1.00,1,,more
wide,2017-01-01,ada,b,1.00,1,
short,2017-01-01
nothing,2017-01-01,ada,,,,
quote,2017-01-01,"ada"x,a,1.00,1,
"""
BROKEN_NDJSON = """\
{"source": "s", "id": "good", "type": "purchase", "occurred_at": "2017-01-01", "total": 1}
{"source": "s", "id": "half", "type": "purchase",
["no object"]

{"source": "s", "type": "purchase", "occurred_at": "2017-01-01", "total": 1}
{"source": "s", "id": "twice", "type": "purchase", "occurred_at": "2017-01-01", "total": 1}
{"source": "s", "id": "twice", "type": "purchase", "occurred_at": "2017-01-02", "total": 1}
{"source":"s","id":"line","type":"purchase","occurred_at":"2017-01-01","lines":[{"amount":"x"}]}
{"source":"s","id":"euro","type":"purchase","occurred_at":"2017-01-01","total":1,"currency":"EUR"}
{"source": "s", "id": "back", "type": "return", "occurred_at": "2017-01-01", "total": 1}
{"source": "s", "id": "big", "type": "purchase", "occurred_at": "2017-01-01", "total": 1e30}
"""
BROKEN_PARQUET = """
    SELECT * FROM (VALUES
        (1, '2017-01-01', 1.0 :: DOUBLE, 'EUR'), (2, '2017-01-01', 'nan' :: DOUBLE, 'USD'),
        (3, NULL, 1.0, 'USD'), (4, '2017-01-01', 0.001, NULL), (5, '2017-01-01', 1.0, 'USD'),
        (NULL, '2017-01-01', 1.0, 'USD')
    ) AS rows(id, occurred_at, amount, currency)"""


def test_every_refused_row_has_its_reason(tmp_path, golden):
    files = {
        "broken.csv": (write(tmp_path, "broken.csv", BROKEN_CSV), SALES),
        "broken.csv.gz": (write(tmp_path, "broken.csv.gz", BROKEN_CSV), SALES),
        "broken.ndjson": (write(tmp_path, "broken.ndjson", BROKEN_NDJSON), {}),
        "broken.parquet": (parquet(tmp_path, BROKEN_PARQUET, "broken.parquet"), SALES),
    }
    for name, (path, constants) in files.items():
        facts, rejects, _ = read(path, constants=constants)
        assert [fact.id for fact in facts] == (["5"] if name.endswith("parquet") else ["good"])
        file = RejectFile(path)
        file.add(rejects)
        golden(f"{name.removesuffix('.gz')}.rejects.ndjson", file.path.read_text())


def test_rejects_of_an_earlier_run_are_gone(tmp_path):
    old = tmp_path / "facts.csv.rejects.ndjson"
    old.write_text("old")
    assert RejectFile(tmp_path / "facts.csv").count == 0
    assert not old.exists()


@pytest.mark.parametrize(
    ("name", "text", "mapping", "message"),
    [
        ("a.csv", "", {}, "has no header"),
        ("a.csv", "id,when\n", {}, "no column for occurred_at"),
        ("a.csv", "id,when\n", {"member": "who"}, "Its columns are: id, when"),
        ("a.ndjson", '{"id": 1}\n', {"member": "who"}, "Its columns are: id"),
        ("a.parquet", "text", {}, "cannot be read"),
        ("a.xlsx", "text", {}, "no kind of file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path, name, text, mapping, message):
    with pytest.raises(FileError, match=message) as error:
        read(write(tmp_path, name, text), mapping=mapping, constants=SALES)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileError, match="There is no file"):
        read(tmp_path / "facts.csv")


@pytest.mark.parametrize("text", ["member", "=x", "member=", "colour=x"])
def test_options_that_are_no_field_and_value(text):
    with pytest.raises(FileError):
        pairs([text], option="--map")
    assert pairs(["member=a=b"], option="--map") == {"member": "a=b"}


def test_facts_at_or_after_an_instant_are_left_out(tmp_path):
    path = write(tmp_path, "baskets.csv", BASKETS)
    before = datetime(2017, 1, 2, 10, tzinfo=UTC)
    facts, _, _ = read(path, constants=SALES, before=before)
    assert [fact.id for fact in facts] == ["b1"]


def test_the_size_of_batches_changes_nothing(tmp_path):
    rows = [f"{n},2017-01-{1 + n % 28:02},m{n % 5},1.{n % 100:02}" for n in range(500)]
    text = "id,occurred_at,member,amount\n" + "\n".join([*rows, *rows]) + "\n"
    path = write(tmp_path, "many.csv", text)
    one, small = (read(path, constants=SALES, size=size)[0] for size in (5_000, 7))
    assert one == small == sorted(one, key=lambda fact: fact.order)
    assert all(len(fact.lines) == 2 for fact in one)
    by_parts, _, _ = read(path, constants=SALES, parts=None)
    assert sorted(by_parts, key=lambda fact: fact.order) == one


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=8)
amounts = st.one_of(
    st.decimals(-999, 9999, places=2).map(str), st.sampled_from(["", "1e2", " 3.10 ", "7", "4.500"])
)
rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["", "ada", " bob "]),
        texts,
        amounts,
        amounts,
        st.sampled_from(["", "1", "2.5", " 3 ", "1e1"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(rows=rows)
def test_clean_and_odd_rows_mean_the_same(tmp_path_factory, rows):
    """A flat NDJSON file is read row by row, a Parquet file by columns: the facts are equal."""
    folder = tmp_path_factory.mktemp("same")
    names = ("id", "member", "sku", "amount", "coupon", "quantity")
    text = "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
    source = write(folder, "rows.ndjson", text)
    path = folder / "rows.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT * FROM read_json('{source}', format = 'newline_delimited', columns = "
        f"{dict.fromkeys(names, 'VARCHAR')})) TO '{path}' (FORMAT parquet)"
    )
    constants = {**SALES, "occurred_at": "2017-01-01"}
    by_row, by_column = read(source, constants=constants), read(path, constants=constants)
    assert by_row[0] == by_column[0]
    assert by_row[1] == by_column[1]


def test_a_summary_counts(tmp_path):
    summary = Summary()
    request = Request(write(tmp_path, "broken.csv", BROKEN_CSV), {}, SALES)
    with open_facts(request, currency="USD", zone=UTC) as staged:
        for batch in staged.batches(size=2):
            summary.add(batch)
        assert summary.facts + summary.rejected == staged.facts
        assert staged.lines_of([("shop", "good")]) == [2]
    assert summary.first == summary.last == datetime(2017, 1, 1, tzinfo=UTC)
