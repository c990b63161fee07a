"""Smooth, singular and boundary points of the function space of one layer."""
