"""Quotes, licences, certificates and the waterfall of each royalty."""
