"""The rules of the game as plain functions: no I/O, no clock, no database."""
