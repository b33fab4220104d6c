"""Every role on every address: a new page without a rule fails here."""

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.models import User
from tests.web.conftest import Office, as_person
from web import urls

pytestmark = pytest.mark.django_db

ROUTES = {pattern.name: pattern for pattern in urls.urlpatterns}

# What a GET answers to nobody, to a stranger, and to whose thing it is.
EVERYBODY, SOMEBODY, OWNER = (200, 200, 200), (302, 200, 200), (302, 404, 200)
HIDDEN, STAFF = (404, 404, 200), (302, 403, 403)
HIDDEN = (404, 404, 200)
STAFF = (302, 403, 403)
EXPECTED = {
    "landing": EVERYBODY,
    "signup": EVERYBODY,
    "login": (200, 302, 302),
    "logout": (405, 405, 405),
    "tokens": SOMEBODY,
    "token-revoke": (302, 405, 405),
    "competitions": EVERYBODY,
    "competition-new": SOMEBODY,
    "prize-trial": (302, 405, 405),
    "competition-estimate": SOMEBODY,
    "competition": HIDDEN,
    "competition-costs": HIDDEN,
    "competition-data": HIDDEN,
    "competition-file": HIDDEN,
    "competition-leaderboard": HIDDEN,
    "competition-power": HIDDEN,
    "competition-submissions": OWNER,
    "competition-stakes": HIDDEN,
    "competition-history": HIDDEN,
    "competition-stake": OWNER,
    "stake-withdraw": OWNER,
    "competition-open": OWNER,
    "competition-deadline": OWNER,
    "competition-cancel": OWNER,
    "competition-challenges": HIDDEN,
    "competition-accept": OWNER,
    "submission-challenge": SOMEBODY,
    "submission-disqualify": STAFF,
    "undecided": STAFF,
    "challenge": EVERYBODY,
    "challenge-decide": STAFF,
    "submission": EVERYBODY,
    "pools": EVERYBODY,
    "pool-new": SOMEBODY,
    "pool": HIDDEN,
    "pool-fund": OWNER,
    "pool-close": OWNER,
    "models": EVERYBODY,
    "flags": STAFF,
    "model": HIDDEN,
    "model-card": HIDDEN,
    "model-children": HIDDEN,
    "model-bom": HIDDEN,
    "model-quote": (302, 302, 302),
    "model-file": HIDDEN,
    "quote": OWNER,
    "licence": OWNER,
    "licence-certificate": OWNER,
    "terms": EVERYBODY,
    "licence-file": OWNER,
    "licence-cancel": (302, 405, 405),
    "licence-refund": OWNER,
    "licence-close-meter": (302, 405, 405),
    "licence-revenue": OWNER,
    "invoice": OWNER,
    "payment": EVERYBODY,
    "verify": EVERYBODY,
    "licence-standing": EVERYBODY,
    "wallet": SOMEBODY,
    "wallet-file": SOMEBODY,
    "wallet-royalties": SOMEBODY,
    "wallet-deposits": SOMEBODY,
    "wallet-licences": SOMEBODY,
    "wallet-export": SOMEBODY,
    "wallet-withdrawals": SOMEBODY,
    "wallet-shares": SOMEBODY,
    "share-decide": (302, 405, 405),
    "model-shares": HIDDEN,
    "staff-withdrawals": (302, 403, 403),
}


def address(pattern: URLPattern, office: Office) -> str:
    """The route's address for alice's own things; her model is not published."""
    values = {
        "slug": office.draft.slug,
        "challenge_id": office.challenge.id,
        "submission_id": office.submission.id,
        "owner": "alice",
        "name": office.submission.model.name,
        "pool_id": office.pool.id,
        "quote_id": office.quote.id,
        "licence_id": office.licence.id,
        "stake_id": office.stake.id,
        "payment_id": office.payment_id,
        "invoice": office.invoice,
        "ending": "csv",
        "offer_id": office.licence.id,
        "verb": "accept",
        "token_id": office.token_id,
        "form": "csv" if pattern.name == "wallet-file" else "licence.jws",
        "path": "sample.jsonl"
        if "slug" in pattern.pattern.converters
        else "config.json",
    }
    wanted = pattern.pattern.converters
    return reverse(pattern.name, kwargs={name: values[name] for name in wanted})


def test_every_route_has_a_declared_rule_and_an_expectation():
    assert set(ROUTES) == set(EXPECTED)
    for name, pattern in ROUTES.items():
        assert getattr(pattern.callback, "access", None) in {
            "public",
            "person",
            "staff",
        }, name


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_role_gets_what_it_may(
    name: str, office: Office, alice: User, charlie: User
):
    where = address(ROUTES[name], office)

    answers = [
        as_person(user).get(where).status_code for user in (None, charlie, alice)
    ]

    assert tuple(answers) == EXPECTED[name]


def test_rules_that_send_to_the_login_page_remember_the_way(office: Office):
    response = Client().get("/wallet/royalties")

    assert response.headers["Location"] == "/login?next=/wallet/royalties"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_forged_post_is_stopped_before_the_view(
    name: str, office: Office, alice: User
):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    response = client.post(address(ROUTES[name], office))

    assert response.status_code == 403
    assert b"gone stale" in response.content


def test_only_the_sponsor_manages_an_open_competition(office: Office, charlie: User):
    where = f"/competitions/{office.open.slug}"
    stranger = as_person(charlie)

    for verb in ("open", "deadline", "cancel"):
        assert stranger.get(f"{where}/{verb}").status_code == 403
        assert stranger.post(f"{where}/{verb}").status_code == 403
    assert stranger.get(f"{where}/stake").status_code == 200


def test_files_and_terms_of_an_unpublished_entry_are_its_miners_alone(
    office: Office, alice: User, charlie: User
):
    where = f"/submissions/{office.submission.id}"

    assert b"model.safetensors" in as_person(alice).get(where).content
    stranger = as_person(charlie).get(where).content
    assert b"model.safetensors" not in stranger
    assert office.submission.model.manifest_digest.encode() not in stranger


def test_staff_sees_the_pages_of_staff(office: Office, charlie: User):
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    browser = as_person(User.objects.get(pk=charlie.pk))

    for name, answers in EXPECTED.items():
        if answers == STAFF:
            assert browser.get(address(ROUTES[name], office)).status_code == 200, name
