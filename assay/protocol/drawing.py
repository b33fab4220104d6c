"""Drawing one holder at random, from a seed that anyone can check afterwards.

Before a purchase the platform publishes the end of a hash chain. The payer adds a text
of their own, which they choose without knowing the chain; each payment shows the next
link, and the seed is the digest of both. So neither side could have steered a draw, and
everybody can repeat it afterwards. The rule in words: docs/royalties.md.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from assay.protocol.canonical import digest
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.waterfall import Node

CHAIN_LENGTH: Final = 10_000
"""Payments of one licence for which the chain lasts."""


@dataclass(frozen=True, slots=True)
class Seed:
    """What a draw rests on.

    Attributes:
        commitment: SHA-256 of the secret's text, published before the payment; the
            secret of the payment before it.
        secret: 64 hex digits, published with the payment.
        chosen: the payer's own text.
    """

    commitment: str
    secret: str
    chosen: str

    def value(self) -> str:
        """The seed, 64 hex digits.

        Raises:
            Invalid: ``draw_commitment`` when the secret is not the one committed to.
        """
        if commitment_to(self.secret) != self.commitment:
            raise Invalid(
                "draw_commitment",
                "The secret of this draw is not the one that was committed to.",
                where="seed",
            )
        return digest({"secret": self.secret, "chosen": self.chosen})


def new_root() -> str:
    """The root of a fresh chain, 64 hex digits of the system's random source."""
    return secrets.token_hex(32)


def link(root: str, number: int) -> str:
    """The secret of payment ``number``, from 1; link 0 is published beforehand.

    Each is the SHA-256 of the one after it, so a link tells nothing of later ones.

    Raises:
        Conflict: ``draws_used_up``.
    """
    if not 0 <= number <= CHAIN_LENGTH:
        raise Conflict(
            "draws_used_up", f"A licence has at most {CHAIN_LENGTH} payments."
        )
    for _ in range(CHAIN_LENGTH - number):
        root = commitment_to(root)
    return root


def commitment_to(secret: str) -> str:
    """The SHA-256 of a secret's text, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def drawn(nodes: Iterable[Node], random: frozenset[str], seed: str) -> list[Node]:
    """The nodes, those named in ``random`` with one drawn contributor each.

    A contributor is drawn with the probability of their parts. All that the model
    keeps of this payment is theirs.
    """
    return [_drawn(node, seed) if node.model in random else node for node in nodes]


def _drawn(node: Node, seed: str) -> Node:
    whole = sum(parts for _, parts in node.shares)
    if not whole:
        return node
    ticket = int.from_bytes(hashlib.sha256(f"{seed}:{node.model}".encode()).digest())
    ticket %= whole  # 256 bits against at most 10^13 parts: the bias is below 2^-200
    for payee, parts in node.shares:
        if ticket < parts:
            return replace(node, shares=((payee, 1),))
        ticket -= parts
    msg = "the ticket is below the sum of the parts"
    raise AssertionError(msg)
