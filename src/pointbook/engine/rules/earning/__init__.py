"""What a fact earns and why: rules compiled to functions of the fact and its member."""

from pointbook.engine.rules.earning.judging import (
    Judge,
    Reason,
    Room,
    Run,
    Schedule,
    base_of,
    compile_earning,
    measured,
)

__all__ = ["Judge", "Reason", "Room", "Run", "Schedule", "base_of", "compile_earning", "measured"]
