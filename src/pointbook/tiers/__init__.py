"""Standing and its benefits."""
