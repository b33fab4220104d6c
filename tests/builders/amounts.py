"""Texts that are no amount of an asset with 18 decimals, and how each is refused."""

EXACT = "1.000000000000000001"
EXACT_UNITS = 10**18 + 1

HOSTILE = [
    ("1.0000000000000000001", "amount_too_precise"),
    ("1.0000000000000000000", "amount_too_precise"),
    ("-1", "amount_negative"),
    ("-0", "amount_negative"),
    ("NaN", "amount_not_a_number"),
    ("Infinity", "amount_not_a_number"),
    ("1e3", "amount_exponent"),
    ("1E-18", "amount_exponent"),
    ("1" + "0" * 30, "amount_too_large"),
    ("١٢٣", "amount_not_a_number"),
    ("１２３", "amount_not_a_number"),
    ("²", "amount_not_a_number"),
    ("1\u00a0000", "amount_separators"),
    ("1,5", "amount_separators"),
    ("1 5", "amount_separators"),
    ("1\n5", "amount_not_a_number"),
    ("\u00a05", "amount_not_a_number"),
    ("5\u2003", "amount_not_a_number"),
    ("5\u200b", "amount_not_a_number"),
    ("5\u2028", "amount_not_a_number"),
    ("\ufeff5", "amount_not_a_number"),
    ("\x1c5", "amount_not_a_number"),
    ("−5", "amount_not_a_number"),
    ("+5", "amount_not_a_number"),
    ("0x10", "amount_not_a_number"),
    (".5", "amount_not_a_number"),
    ("5.", "amount_separators"),
    ("", "amount_empty"),
    (" \t ", "amount_empty"),
]
