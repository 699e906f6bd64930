"""Earn: facts judged and decisions explained."""
