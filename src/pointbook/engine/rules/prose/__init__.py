"""A program in plain English: what it promises, and what changes between two versions."""

from pointbook.engine.rules.prose.chapters import Paragraph, earning, reward, tell

__all__ = ["Paragraph", "earning", "reward", "tell"]
