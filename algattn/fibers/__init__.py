"""Which weights give the same function: fibers, membership and recovery."""
