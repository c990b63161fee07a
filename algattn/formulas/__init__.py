"""Closed forms with their hypotheses: counts, dimensions, degrees."""
