"""The symbolic layer: exact polynomial parametrizations, differentials, torus weights."""
