"""The HTTP API: one module per area, thin over the verbs."""
