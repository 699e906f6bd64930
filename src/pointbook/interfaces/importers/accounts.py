"""What an entity's accounts are called, from CSV or YAML: account, code, name, split.

CSV has these columns, YAML is a list of such rows or a mapping from account to code and name.
Raises FileError.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

from pointbook.interfaces.importers.fields import FileError

COLUMNS: Final = ("account", "code", "name", "split")
REQUIRED: Final = ("account", "code")


def read_accounts(path: Path) -> list[dict[str, str]]:
    """The rows of a file, every column as text and '' where it is left out.

    :raises FileError: a file that cannot be read, or a row without account and code.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise FileError(
            f"{path} cannot be read as text.", value=str(path), mend="Name a CSV or YAML file."
        ) from None
    read = _yaml if path.suffix in {".yaml", ".yml"} else _csv
    return [_row(line, row) for line, row in read(text)]


def _csv(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(text.splitlines())
    for row in reader:
        yield reader.line_num, {key or "": value for key, value in row.items()}


def _yaml(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    try:
        body = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise FileError(
            f"The file is no YAML: {error}".splitlines()[0], mend="Write a list of rows."
        ) from None
    rows = body if isinstance(body, list) else _of_mapping(body)
    for number, row in enumerate(rows, 1):
        yield number, row if isinstance(row, Mapping) else {}


def _of_mapping(body: object) -> list[object]:
    """Rows of `2100: {code: "2150", name: Points}` or `2100: "2150"`."""
    found: list[object] = []
    for account, told in body.items() if isinstance(body, Mapping) else ():
        named = told if isinstance(told, Mapping) else {"code": told}
        found.append({"account": account, **named})
    return found


def _row(line: int, row: Mapping[str, object]) -> dict[str, str]:
    unknown = sorted(str(key) for key in row if key not in COLUMNS)
    if unknown or any(row.get(key) is None for key in REQUIRED):
        what = f"has {unknown[0]!r}" if unknown else "lacks account or code"
        raise FileError(
            f"Row {line} {what}.",
            field="row",
            value=line,
            mend=f"Columns are {', '.join(COLUMNS)}; write the first two in every row.",
        )
    return {key: "" if row.get(key) is None else str(row[key]).strip() for key in COLUMNS}
