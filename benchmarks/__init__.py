"""Performance, measured beside the limits that bound it."""
