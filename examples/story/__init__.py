"""The demo: two competitions from faucet to royalty, through the real doors only.

People sign up on the web page, then everything goes by the ``assay`` command line and
the HTTP API, as they would do it; models are really trained, really scored in the
jail, and the money really moves.
"""
