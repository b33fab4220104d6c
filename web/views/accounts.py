"""Signing up, logging in, API tokens."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.models import ApiToken
from accounts.selectors import tokens_of
from common.clock import now
from web.access import PersonRequest, person, public
from web.forms.accounts import LogInForm, SignUpForm, TokenForm

log_in = public(
    LoginView.as_view(
        template_name="web/accounts/log_in.html",
        authentication_form=LogInForm,
        redirect_authenticated_user=True,
    )
)
log_out = public(LogoutView.as_view())


@public
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Create an account and log into it."""
    form = SignUpForm.of(request)
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
