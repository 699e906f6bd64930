"""What the API answers about programs that are published and checked. Nothing here raises.

Times are ISO 8601 in UTC.
"""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from pointbook.interfaces.api.answers import Section, Time


class ProgramVersion(Schema):
    """A version of a program, as it was published."""

    code: str = Field(examples=["beauty"])
    name: str = Field(examples=["Beauty tiers"])
    version: int = Field(examples=[1])
    from_at: Time | None = Field(description="null: in force since ever.")
    until_at: Time | None = Field(description="null: no later version is published.")
    published_by: str = Field(examples=["shop pb_1f0a3c5e"])
    recorded_at: Time = Field(description="When it was published.")
    document: str = Field(description="The blueprint as it was published (YAML).")


class ProgramVersions(Schema):
    """All versions of a program."""

    code: str = Field(examples=["beauty"])
    versions: list[ProgramVersion] = Field(description="The latest first.")


class CheckedProgram(Schema):
    """A document without a mistake, and what it says."""

    code: str = Field(examples=["beauty"])
    name: str = Field(examples=["Beauty tiers"])
    currency: str = Field(examples=["USD"])
    time_zone: str = Field(examples=["UTC"])
    terms: list[Section] = Field(description="The program as prose.")
    version: int | None = Field(
        description="The latest version that is published; null: it would be a new program."
    )
    changes: list[str] = Field(description="What would change from that version, as sentences.")
