"""The schemas are valid and fit the engine; docs/reference/blueprint.md is made of them."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pointbook.engine.rules.fields import (
    FACT_FIELDS,
    LINE_FIELDS,
    MEMBER_FIELDS,
    NAMED_FIELDS,
    OPERATORS,
)
from pointbook.engine.rules.reading import blueprints as reading
from pointbook.engine.rules.reading.shape import schema

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/reference/blueprint.md"
STARTERS = ROOT / "src/pointbook/programs/starters"
KINDS = {
    "text": "text",
    "texts": "a list of texts",
    "money": "an amount in major units",
    "number": "a number",
    "count": "a whole number",
    "measure": "an amount of spend, points, or a whole number of visits or facts",
    "hour": "0 to 23, in the program's time zone",
    "month": "1 to 12, in the program's time zone",
    "weekday": "monday to sunday, in the program's time zone",
    "flag": "true or false",
    "free": "anything",
}
HEAD = """\
# Blueprint

{description}

This page is made from the JSON Schema
(`src/pointbook/engine/rules/reading/blueprint.schema.json`, draft 2020-12), and a test keeps it
true. `pointbook program check FILE` tells every mistake in a file with its line, its path, its
value and what mends it.

- Amounts are in major units of the program's currency: `"12.50"` or `500`. Numbers with decimals
  are read by their digits, never as binary floats.
- Only `true` and `false` are flags; `on`, `yes` and dates are plain text. Aliases, tags and doubled
  keys are refused.
- Days and months are the program's, in its time zone.
- Codes of rules, units, measures and the like are yours: lower-case letters, digits, - and _.
"""
FIELDS = """\
## Fields of conditions

A test is a field, one operator and its constant: `{field: total, at_least: "50.00"}`. A test on
something that is not there does not hold. An attribute is equal to a constant when both are the
same text, so `5` and `"5"` are equal, and in order when it is a number. Counts and measures of
spend, visits and facts include the fact itself, so `{field: count.purchase, is: 1}` is a first
purchase; measures of points earned do not. The tier is the one held just before the fact.

"""
BEHAVIOUR = """\
## Behaviour

{description} It is a document of its own (`--behaviour FILE`).

"""


def objects(name):
    """Every object of a schema by its anchor, from the top down."""
    whole = schema(name)
    parts = {"top": whole, **whole["$defs"]}
    return {key: part for key, part in parts.items() if "properties" in part}


def value(rule, parts):  # noqa: C901, PLR0911 - a return for each form
    """What may stand as the value of a key."""
    if "$ref" in rule:
        name = rule["$ref"].rpartition("/")[2]
        target = parts[name]
        if "properties" in target:
            return link(target["title"])
        return value(target, parts)
    if "if" in rule:
        return f"{value(rule['else'], parts)} / {value(rule['then'], parts)}"
    if "const" in rule:
        return f"`{json.dumps(rule['const']).strip(chr(34))}`"
    if "enum" in rule:
        return " / ".join(f"`{word}`" for word in rule["enum"])
    if "anyOf" in rule:
        first, *others = rule["anyOf"]
        return " / ".join([value(first, parts), *(f"`{one['title']}`" for one in others)])
    if rule["type"] == "array":
        each = value(rule["items"], parts)
        return f"list of {each.removeprefix('a ')}s" if each.startswith("a ") else f"list of {each}"
    if rule["type"] == "object":
        return f"mapping of codes to {value(rule['additionalProperties'], parts)}"
    if rule["type"] == "integer":
        return f"{rule['minimum']} to {rule['maximum']}"
    if rule["type"] == "boolean":
        return "`true` / `false`"
    return rule.get("title", "text")


def link(title):
    """A link to the table of that title."""
    return f"[{title}](#{title.replace(' ', '-')})"


def table(part, parts):
    """The keys of one object as a table."""
    rows = ["| key | what it says | value | |", "|---|---|---|---|"]
    for key, rule in part["properties"].items():
        target = parts.get(rule.get("$ref", "").rpartition("/")[2], rule)
        default = target.get("default", rule.get("default"))
        note = "required" if key in part.get("required", ()) else ""
        if default is not None:
            note = f"default `{json.dumps(default).strip(chr(34))}`"
        rows.append(f"| `{key}` | {rule['description']} | {value(rule, parts)} | {note} |")
    return "\n".join(rows) + "\n"


def tables(name):
    whole = schema(name)
    for key, part in objects(name).items():
        if key != "top":
            yield f"\n### {part['title']}\n"
            if "description" in part:
                yield f"{part['description']}\n"
        yield table(part, whole["$defs"])


def fields():
    named = {f"{start}{name}": field for start, (name, field) in NAMED_FIELDS.items()}
    attributes = {name: named.pop(name) for name in ("attributes.NAME",)}
    for title, names in (
        ("Fields of a fact", {**FACT_FIELDS, **attributes}),
        ("Fields of a member", {**MEMBER_FIELDS, **named}),
        ("Fields of a line", LINE_FIELDS),
    ):
        yield f"### {title}\n"
        yield "| field | what it is | value | operators |\n|---|---|---|---|"
        for name, field in names.items():
            operators = ", ".join(f"`{operator}`" for operator in OPERATORS[field.kind])
            words = field.words.format(name.rpartition(".")[2])
            yield f"| `{name}` | {words} | {KINDS[field.kind]} | {operators} |"
        yield ""


def example(name):
    return f"```yaml\n{(STARTERS / name).read_text(encoding='utf-8')}```\n"


def page():
    """The whole reference page."""
    parts = [
        HEAD.format(description=schema("blueprint")["description"]),
        "## Example\n",
        example("beauty-tiers.yaml"),
        "## Keys\n",
        *tables("blueprint"),
        "",
        FIELDS.rstrip() + "\n",
        *fields(),
        BEHAVIOUR.format(description=schema("behaviour")["description"]).rstrip() + "\n",
        example("month-end-burners.yaml"),
        *tables("behaviour"),
    ]
    return "\n".join(part.rstrip("\n") if part.startswith("|") else part for part in parts) + "\n"


def test_the_reference_is_made_from_the_schema(request):
    text = page()
    if request.config.getoption("--golden-update"):
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    assert text == PAGE.read_text(encoding="utf-8"), (
        "if the schema was meant to change: make golden"
    )


@pytest.mark.parametrize("name", ["blueprint", "behaviour"])
def test_every_key_is_documented(name):
    text = PAGE.read_text(encoding="utf-8")
    for part in objects(name).values():
        for key, rule in part["properties"].items():
            assert f"| `{key}` | {rule['description']} |" in text


@pytest.mark.parametrize("name", ["blueprint", "behaviour"])
def test_the_schema_is_valid_and_closed(name):
    Draft202012Validator.check_schema(schema(name))
    for part in objects(name).values():
        assert part["additionalProperties"] is False


def test_the_schema_knows_the_fields_of_the_engine():
    parts = schema("blueprint")["$defs"]
    words, *named = parts["condition"]["properties"]["field"]["anyOf"]
    assert words["enum"] == [*FACT_FIELDS, *MEMBER_FIELDS]
    starts = [f"{start}{name}" for start, (name, _) in NAMED_FIELDS.items()]
    assert [form["title"] for form in named] == starts
    assert parts["line_condition"]["properties"]["field"]["enum"] == list(LINE_FIELDS)
    for part in (parts["condition"], parts["line_condition"]):
        assert set(OPERATORS["free"]) < part["properties"].keys()


def test_the_example_of_the_reference_is_read():
    blocks = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1:]
    documents = [block.partition("```")[0] for block in blocks]
    blueprint = reading.read(documents[0])
    assert reading.read_behaviour(documents[1], blueprint=blueprint).name == "Month-end burners"
