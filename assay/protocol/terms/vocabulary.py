"""The closed sets of words that terms are made of."""

from enum import StrEnum


class Use(StrEnum):
    """What somebody asks to do with a work."""

    ACCESS = "access"
    DISTRIBUTION = "distribution"
    COMMERCIAL = "commercial"
    DERIVATION = "derivation"
    COMMERCIAL_DERIVATION = "commercial-derivation"
    TRAINING = "training"
    UNKNOWN = "unknown"
    """A kind of use that nobody knew when the terms were granted."""


NAMED_USES = tuple(use for use in Use if use is not Use.UNKNOWN)
"""What can be asked for by name: a price, a licence, a competition's condition."""


class Party(StrEnum):
    """Who asks."""

    ANYONE = "anyone"
    LICENSOR = "licensor"


class Right(StrEnum):
    """The three rights that a tag can grant; the value is the tag's name."""

    DERIVATION = "Derivation"
    COMMERCIAL_USE = "Commercial-Use"
    TRAINING = "Data-Model-Training"


class Period(StrEnum):
    """How often a fee is due."""

    ONE_TIME = "one-time"
    MONTHLY = "monthly"


class PaymentMode(StrEnum):
    """Who among the holders is paid."""

    ADDRESS = "address"
    RANDOM = "random"
    GLOBAL = "global"


class Condition(StrEnum):
    """What a right is granted for."""

    DENIED = "denied"
    NONCOMMERCIAL = "noncommercial"
    ALLOWED = "allowed"
    CREDIT = "credit"
    INDICATION = "indication"
    PASSTHROUGH = "passthrough"
    REVENUE_SHARE = "revenue-share"
    FEE = "fee"


class Side(StrEnum):
    """On which side of an anniversary a window lies."""

    BEFORE = "Before"
    AFTER = "After"
