"""Reads of the books, one file per subject. Nothing here writes."""
