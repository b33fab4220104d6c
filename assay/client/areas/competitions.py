"""Competitions: finding them, their boards and files, and carrying one through."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assay.client.downloads import Downloads, OnProgress
from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import (
    Acceptance,
    Board,
    Competition,
    CompetitionSummary,
    Event,
    Power,
    Quota,
    RemoteFile,
    Stake,
)
from assay.client.transport import Transport


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, ending in Z; ``moment`` has a zone."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Competitions:
    """Competitions, as far as the caller may see them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, query: str = "", status: str = "") -> Walk[CompetitionSummary]:
        """Competitions, the newest first."""
        wanted = {"query": query, "status": status}
        return Walk(
            lambda page: self._transport.get("/api/competitions", {**wanted, **page}),
            CompetitionSummary,
        )

    def show(self, slug: str) -> Competition:
        """One competition with all of its rules."""
        return read(Competition, self._transport.get(_place(slug)))

    def create(self, spec: Mapping[str, Any]) -> Competition:
        """Create a draft; ``spec`` is the body that POST /api/competitions takes."""
        document = self._transport.post("/api/competitions", dict(spec))
        return read(Competition, document)

    def revise(self, spec: Mapping[str, Any]) -> Competition:
        """Replace all that the caller's draft of the spec's slug says."""
        place = _place(str(spec["slug"]))
        return read(Competition, self._transport.call("PUT", place, json=dict(spec)))

    def open(self, slug: str) -> Competition:
        """Freeze the rules and let miners in."""
        return read(Competition, self._transport.post(_place(slug, "/open")))

    def accept(self, slug: str, rules_digest: str) -> Acceptance:
        """Take part under the rules with this digest."""
        document = self._transport.post(
            _place(slug, "/acceptance"), {"rules_digest": rules_digest}, repeatable=True
        )
        return read(Acceptance, document)

    def move_deadline(self, slug: str, deadline: datetime) -> Competition:
        """Move the deadline to ``deadline``, which has a zone."""
        body = {"deadline": iso(deadline)}
        document = self._transport.post(
            _place(slug, "/deadline"), body, repeatable=True
        )
        return read(Competition, document)

    def cancel(self, slug: str) -> Competition:
        """End it; every stake goes back whole."""
        return read(Competition, self._transport.post(_place(slug, "/cancel")))

    def board(self, slug: str) -> Board:
        """The leaderboard on the split that counts now."""
        return read(Board, self._transport.get(_place(slug, "/leaderboard")))

    def power(self, slug: str, *, entrants: int = 30) -> Power:
        """What the benchmark can tell apart, and how often luck would win."""
        wanted = {"entrants": str(entrants)}
        return read(Power, self._transport.get(_place(slug, "/power"), wanted))

    def quota(self, slug: str) -> Quota:
        """What the caller has used of the day's submissions."""
        return read(Quota, self._transport.get(_place(slug, "/quota")))

    def history(self, slug: str) -> Walk[Event]:
        """Everything that happened in public, the oldest first."""
        return Walk(
            lambda page: self._transport.get(_place(slug, "/history"), page), Event
        )

    def stakes(self, slug: str) -> Walk[Stake]:
        """Who staked what, the oldest first."""
        return Walk(
            lambda page: self._transport.get(_place(slug, "/stakes"), page), Stake
        )

    def stake(
        self, slug: str, amount: str, *, key: str, purpose: str = "prize"
    ) -> Stake:
        """Stake ``amount`` from the caller's wallet; once per ``key``.

        Args:
            purpose: ``prize``, or ``budget`` for evaluation alone.
        """
        body = {"amount": amount, "purpose": purpose}
        document = self._transport.post(_place(slug, "/stakes"), body, key=key)
        return read(Stake, document)

    def withdraw_stake(self, slug: str, stake: str) -> Stake:
        """Take the caller's own stake back, before the competition opens."""
        place = _place(slug, f"/stakes/{quote(stake, safe='')}/withdraw")
        return read(Stake, self._transport.post(place))

    def splits(self, slug: str) -> tuple[RemoteFile, ...]:
        """The labelled files of the caller's own competition; none of another's."""
        documents = self._transport.get(_place(slug, "/splits"))
        return tuple(read(RemoteFile, document) for document in documents)

    def download_splits(
        self, slug: str, folder: Path, *, on_progress: OnProgress | None = None
    ) -> tuple[Path, ...]:
        """Fetch these into ``folder``."""
        return Downloads(self._transport).fetch_all(
            self.splits(slug),
            folder,
            address=lambda path: _place(slug, f"/splits/{path.removesuffix('.jsonl')}"),
            on_progress=on_progress,
        )

    def files(self, slug: str) -> tuple[RemoteFile, ...]:
        """The public files: the sample with its answers, and attachments."""
        documents = self._transport.get(_place(slug, "/files"))
        return tuple(read(RemoteFile, document) for document in documents)

    def download(
        self, slug: str, folder: Path, *, on_progress: OnProgress | None = None
    ) -> tuple[Path, ...]:
        """Fetch all public files into ``folder``; those already right stay."""
        return Downloads(self._transport).fetch_all(
            self.files(slug),
            folder,
            address=lambda path: _place(slug, f"/files/{quote(path)}"),
            on_progress=on_progress,
        )


def _place(slug: str, rest: str = "") -> str:
    return f"/api/competitions/{quote(slug, safe='')}{rest}"
