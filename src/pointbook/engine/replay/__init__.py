"""The one pure core of ingest, rebuild, what-if and audit: facts folded under a program."""
