"""Pointbook: a customer loyalty platform whose books balance."""
