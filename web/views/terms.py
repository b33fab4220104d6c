"""Licence terms for everybody: presets, and what pasted tags say."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from assay.protocol.terms import (
    PRESETS,
    Choices,
    Decision,
    Diagnostic,
    Language,
    Preset,
    Terms,
    build,
    decide,
    explain,
    number_text,
    price_words,
    read_tags,
    say,
    write_tags,
    write_toml,
)
from common.clock import now
from ledger.wallets import platform_asset
from web.access import public
from web.forms.terms import TermsForm


@dataclass(frozen=True)
class Answer:
    """What pasted tags say, in the language that was asked for."""

    language: str
    sentences: list[str]
    remarks: list[tuple[Diagnostic, str]]
    tags: str
    verdict: str = ""
    prices: str = ""
    share: str = ""
    decision: Decision | None = None


@public
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """The presets, and a form for tags; what is pasted is stored nowhere."""
    form, answer = TermsForm.of(request), None
    if form.is_bound and form.is_valid():
        with form.refusing():
            answer = _answer(form)
    language = _language(request)
    context = {
        "form": form,
        "answer": answer,
        "language": language,
        "languages": list(Language),  # a template would call the class
        "presets": [
            {
                "title": preset.title(language),
                "clause": preset.clause(language),
                "name": preset.name,
                "toml": write_toml(write_tags(preset.terms), []),
            }
            for preset in _presets()
        ],
    }
    return render(request, "web/terms.html", context, status=form.status)


def _presets() -> list[Preset]:
    """The presets in the asset that is paid here."""
    choices = Choices(currency=platform_asset().symbol)
    return [build(name, choices) for name in PRESETS]


def _language(request: HttpRequest) -> Language:
    try:
        return Language(request.GET.get("language", ""))
    except ValueError:
        return Language.ENGLISH


def _answer(form: TermsForm) -> Answer:
    language, reading = form.tongue(), read_tags(form.parsed())
    found = reading.terms
    use = form.use_asked()
    decision = None
    if use is not None:
        days = form.days(now().date())
        decision = decide(found, use, language=language, **days)
    return Answer(
        language=language.value,
        sentences=explain(found, language=language),
        remarks=[(remark, remark.said(language)) for remark in reading.diagnostics],
        tags=write_toml(write_tags(found), []),
        verdict=say(language, f"verdict.{decision.verdict.value}") if decision else "",
        prices=_prices(found, decision, language),
        share=_share(decision),
        decision=decision,
    )


def _prices(terms: Terms, decision: Decision | None, language: Language) -> str:
    prices = decision.prices if decision else ()
    return "; ".join(price_words(language, terms, price) for price in prices)


def _share(decision: Decision | None) -> str:
    share = decision.revenue_share if decision else None
    return "" if share is None else f"{number_text(share)} %"
