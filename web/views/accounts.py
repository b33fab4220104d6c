"""Signing up, logging in, API tokens."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.models import ApiToken
from accounts.selectors import tokens_of
from common import throttling
from common.clock import now
from web.access import PersonRequest, person, public
from web.forms.accounts import LogInForm, SignUpForm, TokenForm


class LogIn(LoginView):
    """Log in; who guesses passwords has to wait, from one address or from many."""

    template_name = "web/accounts/log_in.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse before the password is looked at, so that a guess tells nothing."""
        throttling.check("log_in", **self._tried())
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Only what failed counts."""
        throttling.spend("log_in", **self._tried())
        return super().form_invalid(form)

    def _tried(self) -> dict[str, str]:
        handle = self.request.POST.get("username", "")[:150]
        address = throttling.address_of(self.request)
        pair = f"{handle} {address}"
        return {"pair": pair, "address": address, "handle": handle}


log_in = public(LogIn.as_view())
log_out = public(LogoutView.as_view())


@public
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Create an account and log into it."""
    form = SignUpForm.of(request)
    if form.is_bound:
        throttling.spend("sign_up", address=throttling.address_of(request))
    if form.is_bound and form.is_valid():
        with form.refusing():
            user = services.sign_up(**form.cleaned_data)
            login(request, user, "django.contrib.auth.backends.ModelBackend")
            return redirect(_next_page(request))
    context = {"form": form, "next": request.GET.get("next", "")}
    return render(request, "web/accounts/sign_up.html", context, status=form.status)


def _next_page(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}):
        return wanted
    return "wallet"


@person
@require_http_methods(["GET", "POST"])
def tokens(request: PersonRequest) -> HttpResponse:
    """The person's tokens; a new one's secret is shown in this answer alone."""
    at, secret, staff = now(), "", request.user.is_staff
    form = TokenForm.of(request, staff=staff)
    if form.is_bound and form.is_valid():
        throttling.spend("token", person=str(request.user.pk))
        days = form.cleaned_data["days"]
        with form.refusing():
            _, secret = services.issue_token(
                user=request.user,
                name=form.cleaned_data["name"],
                scope=ApiToken.Scope(form.cleaned_data["scope"]),
                expires_at=at + timedelta(days=int(days)) if days else None,
            )
            form = TokenForm(staff=staff)
    context = {
        "form": form,
        "secret": secret,
        "tokens": [(token, token.is_live(at)) for token in tokens_of(request.user)],
    }
    return render(request, "web/accounts/tokens.html", context, status=form.status)


@person
@require_POST
def revoke_token(request: PersonRequest, token_id: str) -> HttpResponse:
    """End a token."""
    services.revoke_token(user=request.user, token_id=token_id, now=now())
    messages.success(request, "The token is revoked and opens nothing any more.")
    return redirect("tokens")
