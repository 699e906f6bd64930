"""Blueprints read from YAML: text, then shape, then meaning, and every mistake at once."""

from pointbook.engine.rules.reading.blueprints import read, read_behaviour, read_document

__all__ = ["read", "read_behaviour", "read_document"]
