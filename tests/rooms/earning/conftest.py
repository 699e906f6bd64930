"""What the tests of clubs stand on."""

import pytest

from tests.rooms.till import broken


@pytest.fixture
def sound(db):
    """Whatever the test did, all invariants hold after it, the rebuild included."""
    yield
    assert broken() == {}
