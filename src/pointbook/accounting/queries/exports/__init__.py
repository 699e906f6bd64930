"""Journals as files for other systems: one table of formats, one small writer for each family."""
