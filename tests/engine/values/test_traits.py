"""The same mailbox, phone or card, however it is spelled."""

import pytest

from pointbook.engine.values.traits import trait_of


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("email", "ada.love@gmail.com", "A.D.A.Love+shop@GoogleMail.com"),
        ("email", "ada+x@outlook.com", "ada@outlook.com"),
        ("email", "ada@pm.me", "ada+1@proton.me"),
        ("email", " Ada@Example.org", "ada@example.org"),
        ("phone", "+1 (555) 0100", "0015550100"),
        ("phone", "15550100", "+1-555-0100"),
        ("card", "AB12 3456", "ab12-3456"),
    ],
)
def test_the_same(kind, one, other):
    trait = trait_of(kind, one)
    assert trait is not None
    assert trait == trait_of(kind, other)
    assert trait.check == kind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada.love@example.org", "adalove@example.org"),
        ("ada+x@example.org", "ada@example.org"),
        ("a.da@outlook.com", "ada@outlook.com"),
    ],
)
def test_not_the_same_mailbox(one, other):
    assert trait_of("email", one) != trait_of("email", other)


def test_a_member_number_may_be_a_phone():
    assert trait_of("member", "+15550100") == trait_of("phone", "15550100")
    assert trait_of("member", "15550100") is None
    assert trait_of("referral", "ABC") is None
    assert trait_of("phone", "+") is None
