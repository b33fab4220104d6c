"""Clients that stake over HTTP, each key until it is answered."""

import threading
from pathlib import Path

import httpx2

AMOUNT = "0.000000000000000007"


class Stakers:
    """One thread a token; they run until they are told to end.

    What was answered stands in ``FOLDER/staker-N``, a key and a stake a line.
    """

    def __init__(self, url: str, slug: str, tokens: list[str], folder: Path) -> None:
        self._address = f"{url}/api/competitions/{slug}/stakes"
        self._folder = folder
        self._ending = threading.Event()
        self.trouble: list[str] = []
        self._threads = [
            threading.Thread(target=self._stake, args=(number, token), daemon=True)
            for number, token in enumerate(tokens)
        ]

    def start(self) -> None:
        """Begin to stake."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Return when the last key of each has been answered."""
        self._ending.set()
        for thread in self._threads:
            thread.join(timeout=120)
        if any(thread.is_alive() for thread in self._threads):
            self.trouble.append("a staker got no answer for two minutes")

    def _stake(self, number: int, token: str) -> None:
        client = httpx2.Client(
            headers={"Authorization": f"Bearer {token}"}, timeout=httpx2.Timeout(10)
        )
        with client, (self._folder / f"staker-{number}").open("a") as answered:
            count = 0
            while not self._ending.is_set():
                key = f"staker-{number}-{count}"
                made = self._answer(client, key)
                if made is None:
                    return
                answered.write(f"{key} {made}\n")
                answered.flush()
                count += 1

    def _answer(self, client: httpx2.Client, key: str) -> str | None:
        """The stake's id; None when the answer can never be a yes."""
        while True:
            try:
                answer = client.post(
                    self._address,
                    json={"amount": AMOUNT},
                    headers={"Idempotency-Key": key},
                )
            except httpx2.TransportError:
                self._ending.wait(0.05)  # nobody listens at this moment
                continue
            if answer.status_code == 201:
                return str(answer.json()["id"])
            if answer.status_code < 500 and answer.status_code != 429:
                self.trouble.append(f"{key}: {answer.status_code} {answer.text}")
                return None
            self._ending.wait(0.05)
