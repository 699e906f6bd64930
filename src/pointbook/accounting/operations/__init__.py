"""Writes of the books, one file per verb."""
