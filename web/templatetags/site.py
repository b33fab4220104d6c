"""What every page needs to know of the site and of where it is in it."""

from typing import Any

from django import template
from django.conf import settings
from django.utils.safestring import SafeString

import assay

register = template.Library()


@register.simple_tag
def version() -> str:
    """The version that runs."""
    return assay.__version__


@register.simple_tag
def faucet_open() -> bool:
    """Whether tokens can be had for nothing here."""
    return bool(settings.FAUCET)


@register.simple_tag
def api_root() -> str:
    """The address that clients are pointed to."""
    return str(settings.PUBLIC_URL)


@register.simple_tag(takes_context=True)
def current(context: dict[str, Any], prefix: str, exactly: str = "") -> SafeString:
    """``aria-current`` when the page's route is named so, or starts with it."""
    match = getattr(context.get("request"), "resolver_match", None)
    name = (match.url_name if match else "") or ""
    here = name == exactly if exactly else name.startswith(prefix)
    return SafeString(' aria-current="page"' if here else "")
