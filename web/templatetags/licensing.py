"""Licence terms as chips: one word on each use, with its price."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django import template

from assay.protocol.terms import (
    Decision,
    Duty,
    Language,
    Terms,
    Use,
    decide,
    read_tags,
    say,
    write_tags,
)
from catalogue import selectors
from catalogue.models import Model

register = template.Library()

SHOWN_USES = {
    Use.COMMERCIAL: "Commercial use",
    Use.DERIVATION: "Derivatives",
    Use.TRAINING: "Training on it",
}
USE_WORDS = {use: say(Language.ENGLISH, f"use.{use.value}") for use in Use}
DUTY_WORDS = {duty: say(Language.ENGLISH, f"duty.{duty.value}") for duty in Duty}
BRIEF_DUTIES = {
    Duty.CREDIT: "with credit",
    Duty.INDICATE_CHANGES: "if changes are named",
    Duty.SAME_LICENCE: "same licence",
    Duty.NONCOMMERCIAL_ONLY: "not commercial",
}
USE_WORDS_BY_CODE = {use.value: text for use, text in USE_WORDS.items()}
DUTY_WORDS_BY_CODE = {duty.value: text for duty, text in DUTY_WORDS.items()}


@dataclass(frozen=True)
class Chip:
    """A label and the tone of its colour."""

    label: str
    tone: str


@register.filter
def tags_of(terms: Terms) -> list[tuple[str, str]]:
    """The canonical tags, for a list."""
    return list(write_tags(terms).items())


@register.simple_tag
def licence_chips(model: Model, now: datetime) -> list[Chip]:
    """What a licensee may do with the model today, most asked first."""
    terms = read_tags(model.terms).terms
    if terms.version is None:
        return [Chip("No licence known here", "bad")]
    granted = model.created_at.date()  # as a quote counts
    decisions = {
        name: decide(terms, use, on=now.date(), granted=granted)
        for use, name in SHOWN_USES.items()
    }
    chips = [_chip(name, decision, terms) for name, decision in decisions.items()]
    return [Chip(f"UDL {terms.version}", "accent"), *chips]


def _chip(name: str, decision: Decision, terms: Terms) -> Chip:
    if not decision.allowed:
        return Chip(f"{name}: no", "bad")
    costs = cost_of(decision, terms.currency or "U")
    if costs:
        return Chip(f"{name}: {costs}", "warn")
    duties = ", ".join(BRIEF_DUTIES.get(Duty(duty), duty) for duty in decision.duties)
    return Chip(f"{name}: free{' ' + duties if duties else ''}", "good")


def cost_of(decision: Decision, currency: str) -> str:
    """The decision's price and revenue share in a few words; empty when free."""
    costs = []
    if decision.price is not None:
        often = "a month" if decision.period == "monthly" else "once"
        costs.append(f"{decision.price:f} {currency} {often}")
    if decision.revenue_share is not None:
        costs.append(f"{decision.revenue_share:f} % of revenue")
    return " + ".join(costs)


@register.filter
def terms_in_words(tags: Mapping[str, str]) -> list[str]:
    """The terms as full sentences."""
    return selectors.terms_in_words(tags)


@register.filter
def use_in_words(use: str) -> str:
    """A use as what one wants to do."""
    return USE_WORDS_BY_CODE.get(use, use)


@register.filter
def duty_in_words(duty: str) -> str:
    """A duty as a request."""
    return DUTY_WORDS_BY_CODE.get(duty, duty)
