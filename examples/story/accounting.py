"""Act six: who paid what, who got what, why, and that the book agrees."""

import json
from decimal import Decimal
from typing import Any

import httpx2

from examples.story.mining import TRAINED
from examples.story.stage import Stage
from examples.story.telling import Teller


def reckon(stage: Stage, licence: dict[str, Any], teller: Teller) -> None:
    """Statements, the ledger's invariants, pages."""
    rows, balances = [], {}
    for handle in sorted(stage.people):
        person = stage.person(handle)
        lines = person.run("wallet", "statement", "--limit", "0")
        total = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
        balances[handle] = Decimal(person.run("wallet", "balance")["total"])
        teller.check(
            f"{handle}'s movements sum to the balance, {balances[handle]} AST",
            holds=total == balances[handle],
        )
        rows += [
            (handle, f"{Decimal(line['amount']):+f}", line["kind"], line["memo"])
            for line in reversed(lines)
        ]
    teller.table("Who paid and got what, and why", ("who", "AST", "kind", "why"), rows)
    _scores(stage, teller)
    _verify(stage, teller)
    _pages(stage, licence, teller)


def _scores(stage: Stage, teller: Teller) -> None:
    rows = []
    for slug in TRAINED:
        board = stage.person("maya").run("competition", "leaderboard", slug)
        base = board["baseline"]
        rows.append((slug, "-", base["model"], f"{base['score']:.4f}", "baseline"))
        rows += [
            (
                slug,
                str(row["rank"]),
                row["model"],
                f"{row['score']:.4f}",
                f"{row['amount'] or 0} AST",
            )
            for row in board["rows"]
        ]
    heads = ("competition", "rank", "model", "private score", "award")
    teller.table("Final boards", heads, rows)


def _verify(stage: Stage, teller: Teller) -> None:
    said = stage.manage("verify_ledger")
    print("\nmanage.py verify_ledger")
    print("  " + "\n  ".join(said.strip().splitlines()))
    checks = json.loads(stage.manage("verify_ledger", "--json"))
    teller.check(
        f"all {len(checks)} invariants of the ledger hold",
        holds=bool(checks) and all(check["ok"] for check in checks),
    )


def _pages(stage: Stage, licence: dict[str, Any], teller: Teller) -> None:
    paths = ["/", "/competitions", "/models", "/api/docs"]
    paths += [f"/competitions/{slug}/leaderboard" for slug in TRAINED]
    paths += [f"/models/{licence['model']}"]
    print("\nPages")
    for path in paths:
        answer = httpx2.get(f"{stage.endpoint}{path}", timeout=30)
        print(f"  {answer.status_code}  {stage.endpoint}{path}")
        if answer.status_code != 200:
            teller.check(f"{path} answers", holds=False)
    print(f"       {stage.endpoint}/licences/{licence['id']} (as lena)")
    print(f"       {stage.endpoint}/wallet (as anyone of them)")
