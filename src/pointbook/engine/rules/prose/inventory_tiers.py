"""The ladders of a program by their paths, in words. The first is the one that members see.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pointbook.engine.rules.blueprint import Blueprint, Downgrade, Measure, Rung, Tiers, Upgrade
from pointbook.engine.rules.prose import naming, phrases
from pointbook.engine.rules.prose import tiers as prose_tiers
from pointbook.engine.rules.prose.entries import Part, Terms
from pointbook.engine.rules.prose.wording import days, happening, listed, often, opened, plain
from pointbook.engine.rules.spans import Each

UPGRADES: Mapping[Upgrade, str] = {
    "at_once": "as soon as a tier is reached",
    "at_review": "only at a review",
}
DOWNGRADES: Mapping[Downgrade, str] = {
    "none": "never down",
    "one_step": "one tier down",
    "full": "down to what is reached",
}
SPANS: Mapping[Each, str] = {"membership_year": "year of membership"}


def ladders(blueprint: Blueprint) -> Iterator[Part]:
    """Each ladder, with its measures where it has several, its benefits and its tiers."""
    for place, tiers in enumerate(blueprint.ladders):
        path = f"tiers[{tiers.code}]" if place else "tiers"
        of = f" of {tiers.name}" if place else ""
        yield _ladder(tiers, path=path, title=f"Tiers{of}", blueprint=blueprint)
        if len(tiers.measures) > 1:
            for one in tiers.measures:
                yield measure(one, at=f"{path}.measures", of=of, blueprint=blueprint)
        for benefit in tiers.benefits:
            each = "once and for all"
            if benefit.each != "ever":
                each = f"anew for each {SPANS.get(benefit.each, benefit.each)}"
            yield Part(
                f"{path}.benefits[{benefit.code}]",
                f"Benefit {plain(benefit.code)}{of}",
                f"{opened(benefit.name)} is counted {each}.",
                {"name": benefit.name, "each": each},
            )
        for rung in tiers.ladder:
            yield _rung(rung, tiers, path=path, of=of, blueprint=blueprint)
        names = {rung.code: rung.name for rung in tiers.ladder}
        for old, new in tiers.moved.items():
            into = names.get(new, new)
            title = f"Members who were {old}{of}"
            yield Part(f"{path}.moved.{old}", title, f"They are now {into}.", {"": into})


def measure(one: Measure, *, at: str, blueprint: Blueprint, of: str = "") -> Part:
    """What is counted of a member, by its name."""
    counts, window = counted(one, blueprint=blueprint), phrases.over(one.window)
    return Part(
        f"{at}.{one.code}",
        f"Measure {plain(one.code)}{of}",
        f"It counts {counts} {window}.",
        {"measure": counts, "window": window},
    )


def counted(one: Measure, *, blueprint: Blueprint) -> str:
    """What a measure counts: spend, purchases, points earned, reviews."""
    if one.kind == "earned":
        unit = naming.unit(one.unit, blueprint=blueprint)
        return f"{unit.name if unit else one.unit} earned"
    if one.kind == "count":
        return happening(one.type, several=True)
    return "purchases" if one.kind == "visits" else "spend"


def _ladder(tiers: Tiers, *, path: str, title: str, blueprint: Blueprint) -> Part:
    counts = [
        f"{counted(one, blueprint=blueprint)} {phrases.over(one.window)}" for one in tiers.measures
    ]
    alone = len(tiers.measures) == 1
    terms: Terms = {
        "code": tiers.code,
        "name": tiers.name,
        "measure": counted(tiers.measures[0], blueprint=blueprint) if alone else None,
        "window": phrases.window(tiers) if alone else None,
        "upgrade": UPGRADES[tiers.upgrade],
        "validity": prose_tiers.kept(tiers.validity),
        "downgrade": DOWNGRADES[tiers.downgrade],
        "grace_days": days(tiers.grace_days) if tiers.grace_days else None,
    }
    return Part(path, title, f"Tiers by {listed(counts, joined='and')}.", terms)


def _rung(rung: Rung, tiers: Tiers, *, path: str, of: str, blueprint: Blueprint) -> Part:
    figure = prose_tiers.needs(rung, tiers=tiers, blueprint=blueprint)
    terms: dict[str, str | None] = {
        "name": rung.name,
        "from": figure,
        "lifetime": "kept for ever" if rung.lifetime else None,
    }
    spans = {benefit.code: benefit.each for benefit in tiers.benefits}
    for code, count in rung.benefits.items():
        terms[f"benefits.{code}"] = often(count, spans[code])
    return Part(
        f"{path}.ladder[{rung.code}]", f"Tier {rung.code}{of}", f"It begins at {figure}.", terms
    )
