"""Killing processes in the middle of money: ``make faults``.

A whole stack runs on a durable PostgreSQL server of its own. Clients stake over
HTTP, writers post transfers, competitions settle by the clock, and meanwhile
processes are killed with signal 9: writers, web workers, the worker for money, the
broker, and the database server itself. At the end nothing may be lost, nothing
doubled, every settlement complete, and ``verify_ledger`` clean.
"""
