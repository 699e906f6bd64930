"""The journal for Beancount, judged by bean-check with no tolerance at all."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pointbook.accounting.queries.exports import ExportRefused, FormatUnknown, export

BEAN_CHECK = shutil.which("bean-check", path=str(Path(sys.executable).parent)) or "bean-check"


@pytest.fixture
def closed(shop):
    shop.estimate("0.8", "2017-01")
    shop.happened(
        shop.buy("2017-01-10", 100_000, key="a"),
        shop.burn("2017-01-31", 40),
        shop.buy("2017-02-05", 77_777),
        shop.give_back("2017-02-06", "a", 33_333),
        shop.burn("2017-02-10", 77),
    )
    shop.close("2017-01")
    shop.estimate("0.7", "2017-02")
    shop.close("2017-02")
    return shop


def judged(text, path):
    file = path / "journal.beancount"
    file.write_text(text)
    return subprocess.run([BEAN_CHECK, file], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("period", ["2017-01", "2017-02"])
def test_bean_check_accepts_it(closed, tmp_path, period):
    text = export(period=period, format="beancount")
    done = judged(text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'option "tolerance_multiplier" "0"' in text
    assert " ~ 0 USD" in text
    assert f'number: "J-{period}-' in text


def test_bean_check_finds_a_changed_cent(closed, tmp_path):
    text = export(period="2017-02", format="beancount")
    figures = list(re.finditer(r"(-?\d+\.\d\d)(?= (USD|~))", text))
    assert len(figures) > 10
    for figure in figures:
        cent = f"{float(figure[1]) + 0.01:.2f}"
        wrong = text[: figure.start()] + cent + text[figure.end() :]
        assert judged(wrong, tmp_path).returncode == 1, figure[0]


def test_what_cannot_be_exported(closed):
    with pytest.raises(ExportRefused, match="2017-03 is not closed"):
        export(period="2017-03", format="beancount")
    with pytest.raises(FormatUnknown, match="Use one of: beancount"):
        export(period="2017-01", format="lotus")
