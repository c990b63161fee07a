"""Exact rank certificates for the dimension of attention function spaces."""
