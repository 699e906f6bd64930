"""Burn: points spent on rewards."""
