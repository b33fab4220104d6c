"""Refusals, lost connections, and calls that must not be made twice."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from accounts.models import User
from assay.client import Client, Patience, ServerFault, ServerUnreachable
from assay.protocol.errors import (
    Conflict,
    Invalid,
    LimitReached,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from ledger.wallets import balance_of
from tests.builders.world import UNIT
from tests.client.conftest import AT_ONCE, Connect
from tests.client.proxy import BadLink


class Stranger(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        body = b"<h1>Welcome to another site</h1>"
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_refusal_of_the_server_keeps_its_class_code_and_fix(connect: Connect) -> None:
    with pytest.raises(NotFound) as refused:
        connect().competitions.show("nothing-here")

    assert refused.value.code == "competition_not_found"
    assert "nothing-here" in refused.value.sentence


def test_without_a_token_nobody_is_logged_in(connect: Connect) -> None:
    with pytest.raises(Unauthenticated):
        connect().me()


def test_a_limit_says_when_the_next_try_is_allowed(
    connect: Connect, alice: User
) -> None:
    with pytest.raises(LimitReached) as refused:
        connect(alice).wallet.faucet("10001", key="too-much")

    assert refused.value.retry_at is not None
    assert refused.value.retry_at.utcoffset() is not None


def test_a_server_that_is_not_there_is_unreachable_after_every_try() -> None:
    pauses: list[float] = []
    patience = Patience(pauses=(0.1, 0.2), sleep=pauses.append)

    with (
        Client(f"http://127.0.0.1:{free_port()}", patience=patience) as client,
        pytest.raises(ServerUnreachable) as refused,
    ):
        client.version()

    assert pauses == [0.1, 0.2]
    assert "ASSAY_ENDPOINT" in refused.value.fix


def test_a_page_of_another_site_is_no_answer(stranger: str) -> None:
    with Client(stranger) as client, pytest.raises(ServerFault) as refused:
        client.version()

    assert refused.value.code == "answer_unreadable"


def test_a_busy_proxy_is_tried_again_and_then_said_to_be_unavailable(
    stranger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stranger, "status", 502)

    with (
        Client(stranger, patience=AT_ONCE) as client,
        pytest.raises(Unavailable) as refused,
    ):
        client.version()

    assert refused.value.code == "server_unavailable"


def test_a_lost_answer_to_a_question_is_asked_for_again(
    connect: Connect, link: BadLink
) -> None:
    link.down = [0, 30]

    version = connect(endpoint=link.endpoint).version()

    assert version.asset.symbol == "AST"
    assert link.connections == 3


def test_money_moves_once_though_the_first_answer_was_lost(
    connect: Connect, alice: User, link: BadLink
) -> None:
    link.down = [20]

    gift = connect(alice, link.endpoint).wallet.faucet("12.5", key="once")

    assert link.connections == 2
    assert gift.balance.total == "12.5"
    assert balance_of(alice) == 125 * UNIT // 10


def test_a_verb_without_a_key_is_not_sent_twice_when_its_answer_is_lost(
    connect: Connect, alice: User, link: BadLink
) -> None:
    link.down = [20]

    with pytest.raises(ServerUnreachable):
        connect(alice, link.endpoint).competitions.open("whatever")

    assert link.connections == 1


def test_an_idempotency_key_that_is_used_for_another_amount_is_refused(
    connect: Connect, alice: User
) -> None:
    client = connect(alice)
    client.wallet.faucet("1", key="k")

    with pytest.raises(Conflict) as refused:
        client.wallet.faucet("2", key="k")

    assert refused.value.code == "idempotency_key_reused"


def test_an_amount_that_is_none_is_refused_by_the_server_with_its_place(
    connect: Connect, alice: User
) -> None:
    with pytest.raises(Invalid) as refused:
        connect(alice).wallet.faucet("1,5", key="k")

    assert refused.value.code == "amount_separators"
    assert refused.value.where == "amount"
