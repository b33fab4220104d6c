"""The sentences in English."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ENGLISH: Final[Mapping[str, str]] = MappingProxyType(
    {
        # What a right lets one do, on which condition.
        "may.Derivation": "You may change it and build on it",
        "may.Commercial-Use": "You may use it commercially",
        "may.Data-Model-Training": "You may train models on it",
        "may-not.Derivation": "You may not change it or build on it",
        "may-not.Commercial-Use": "You may not use it commercially",
        "may-not.Data-Model-Training": "You may not train models on it",
        "on.noncommercial": " for non-commercial purposes only",
        "on.allowed": " for free",
        "on.credit": " for free, if you credit its makers",
        "on.indication": " for free, if you say what you changed",
        "on.passthrough": " for free, if you put what you make under the same licence",
        "on.fee": " for {price}",
        "on.revenue-share": " for {share} % of the revenue you make with it",
        "with.allowed": "",
        "with.credit": ", if you credit its makers",
        "price.one-time": "{amount} {currency}, paid once",
        "price.monthly": "{amount} {currency}, paid every month",
        "stop": "{clause}.",
        # The terms as a whole.
        "whole.version": "The work is under the Universal Data License {version}.",
        "whole.unknown": "No licence that is known here is named, so nothing is granted.",
        "access.free": "Anyone may copy it, display it and make it public, for free.",
        "access.fee": "You may copy and display it for {price}.",
        "access.closed": "Access is restricted, and no fee is named that opens it.",
        "licence-fee": "Commercial use costs {price}.",
        "unknown.excluded": "Kinds of use that nobody knows yet are not included.",
        "years.one": "one year",
        "years.many": "{count} years",
        "expiry": "These terms end {years} after they were granted.",
        "window.After": "From {years} after the terms were granted: {clause}.",
        "window.Before": "Until {years} after the terms were granted: {clause}.",
        "pay.to": "Payment goes to {payee}.",
        "pay.signer": "whoever published the work",
        "pay.random": "One holder, drawn at random by holding, is paid.",
        "pay.global": "All holders are paid, in proportion to what they hold.",
        # Why a use is allowed or not; each names the tag that it comes from.
        "what.Derivation": "derivation",
        "what.Commercial-Use": "commercial use",
        "what.Data-Model-Training": "training models on the work",
        "why.granted": "{said} allows {what}{condition}.",
        "why.denied": "{said} does not allow {what}.",
        "why.not-granted": "No {tag} is granted, so {what} is not allowed.",
        "why.default": "Without a {tag} tag, {what} is allowed{condition}.",
        "why.noncommercial": "{tag} is granted for non-commercial purposes only.",
        "why.licence-fee": "{said}: commercial use costs {price}.",
        "why.licensor": "These terms bind others: whoever granted them needs no licence.",
        "why.no-licence": (
            "The License tag names no licence that is known here, so nothing is "
            "granted."
        ),
        "why.not-begun": "The terms begin on {day}.",
        "why.ended": "{said}: the terms ended on {day}.",
        "why.day-of-end": (
            "{said}: the terms end after some years: say the day, and when they began."
        ),
        "why.day-of-window": (
            "{tag} depends on the day: say it, and when the terms began."
        ),
        "why.windows-disagree": (
            "{tag} has two time windows that disagree on this day."
        ),
        "why.access-free": (
            "License: anyone may copy, display and make the work public."
        ),
        "why.access-fee": "{said}: access is granted for {price}.",
        "why.access-closed": "Access = Restricted, and no Access-Fee opens it.",
        "why.distribution": (
            "License: it lets anyone copy, display and make the work public; it does "
            "not grant distribution, and no tag can."
        ),
        "why.unknown-included": (
            "Unknown-Usage-Rights excludes nothing, so a kind of use that nobody knew "
            "when the terms were granted is included where the law allows it."
        ),
        "why.unknown-excluded": (
            "Unknown-Usage-Rights = Excluded: a kind of use that nobody knew when the "
            "terms were granted is not included."
        ),
        "why.shares-over": (
            "Derivation and Commercial-Use together ask for more than 100 % of the "
            "revenue."
        ),
        # Duties, as requests.
        "duty.credit": "Credit its makers.",
        "duty.indicate-changes": "Say what you changed.",
        "duty.same-licence": "Put what you make under the same licence.",
        "duty.noncommercial-only": "Use it for non-commercial purposes only.",
        # Answers.
        "verdict.allowed": "Allowed",
        "verdict.allowed-with": "Allowed, with conditions",
        "verdict.denied": "Not allowed",
        "use.access": "access the work",
        "use.distribution": "hand it on to others",
        "use.commercial": "use it commercially",
        "use.derivation": "build on it, not commercially",
        "use.commercial-derivation": "build on it commercially",
        "use.training": "train models on it",
        "use.unknown": "use it in a way that nobody knew before",
        # What a reader says about tags, when it is not said in more detail.
        "read.misspelt": (
            "{tag} is no licence tag but close to one; nothing is granted on its account."
        ),
        "read.too_many_tags": "There are too many tags, so none of them counts.",
        "read.too_many_windows": "There are too many time windows.",
        "read.denied_elsewhere": "{tag} does not allow training, so it is not allowed.",
        "read.not_a_licence_tag": "{tag} is no licence tag; it has no effect.",
        "read.duplicate": "{tag} is there twice, in different case.",
        "read.conflict": "{tag} is there in two spellings that disagree.",
        "read.two_spellings": "{tag} is there in two spellings that agree.",
        "read.window_as_value": "{tag} holds a time window, which belongs into a name.",
        "read.value": "{tag} has a value that the grammar does not know.",
        "read.amount": "{tag} has an amount that cannot be.",
        "read.dialect": "{tag} is read as {understood}.",
        "read.licence_missing": "There is no License tag, so nothing is licensed.",
        "read.licence_unknown": "The License tag names a licence that is not the UDL.",
        "read.not_in_version": "{tag} is not in UDL 0.1; it is not granted.",
        "read.fee_twice": "{tag} repeats the fee of Commercial-Use; it is owed once.",
        "read.two_fees": "Commercial-Use has a fee of its own and {tag} says another.",
        "read.older_tag": "{tag} belongs to UDL 0.1; it is owed for commercial use.",
        "read.fee_without_use": "{tag} allows nothing: Commercial-Use is not allowed.",
        "read.newer_value": "{tag} has a value of UDL 0.2; it is read as said.",
        "read.credit_elsewhere": "{tag} asks for credit, so credit is owed.",
        "read.elsewhere": "{tag} disagrees with the licence tags; what it limits is closed.",
        # Presets.
        "preset.open.title": "Open use",
        "preset.open.summary": (
            "Everything is free: using, selling, changing and training."
        ),
        "preset.open.clause": (
            "Anyone may use the work, commercially too, change it, build on it and "
            "train models on it, free of charge and without further condition."
        ),
        "preset.credit.title": "Share with credit",
        "preset.credit.summary": "Everything is free for whoever credits the makers.",
        "preset.credit.clause": (
            "Anyone may use the work commercially and build on it, free of charge, "
            "provided that they credit its makers; training models on it is free and "
            "unconditional."
        ),
        "preset.share-alike.title": "Share alike with revenue share",
        "preset.share-alike.summary": (
            "Derivatives stay under the same licence; commercial use owes {share} % of "
            "its revenue."
        ),
        "preset.share-alike.clause": (
            "Anyone may change the work and build on it, provided that the result is "
            "put under this same licence; whoever uses it commercially owes {share} % of "
            "the revenue made with it; training models on it and kinds of use that are "
            "not known yet are reserved."
        ),
        "preset.paid-commercial.title": "Paid commercial use",
        "preset.paid-commercial.summary": (
            "Changing is free with credit; commercial use costs {price}."
        ),
        "preset.paid-commercial.clause": (
            "Anyone may change the work and build on it, provided that they credit "
            "its makers; commercial use is granted to each licensee for {price}; "
            "training models on it and kinds of use that are not known yet are "
            "reserved."
        ),
        "preset.research-only.title": "Research only",
        "preset.research-only.summary": (
            "Non-commercial derivation only: no commercial use, no training."
        ),
        "preset.research-only.clause": (
            "Anyone may change the work and build on it for non-commercial purposes "
            "only; commercial use, training models on it and kinds of use that are "
            "not known yet are reserved."
        ),
    }
)
