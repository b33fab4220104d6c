"""Fetching files: into a temporary name, resumed by Range, kept only when right."""

from collections.abc import Callable, Iterable
from pathlib import Path

import httpx2

from assay.client.errors import ServerFault, ServerUnreachable
from assay.client.records import RemoteFile
from assay.client.transport import Transport
from assay.client.uploads import file_digest
from assay.protocol.errors import Invalid
from assay.protocol.manifest import check_path

OnProgress = Callable[[int], None]
"""Told by how many bytes the work moved on; less than none when it starts over."""


class Downloads:
    """Downloads over one transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def fetch_all(
        self,
        files: Iterable[RemoteFile],
        folder: Path,
        *,
        address: Callable[[str], str],
        on_progress: OnProgress | None = None,
    ) -> tuple[Path, ...]:
        """Fetch files into ``folder`` by their own paths; right ones are kept.

        Args:
            address: the route of a file, from its path.

        Raises:
            Invalid: a path would leave the folder.
        """
        fetched = []
        for file in files:
            check_path(file.path)
            target = folder / file.path
            self.fetch(address(file.path), file, target, on_progress=on_progress)
            fetched.append(target)
        return tuple(fetched)

    def fetch(
        self,
        address: str,
        file: RemoteFile,
        target: Path,
        *,
        on_progress: OnProgress | None = None,
    ) -> None:
        """Fetch one file; ``target`` appears only when its SHA-256 is right.

        Raises:
            ServerFault: ``download_damaged`` when the bytes are others.
            ServerUnreachable: the connection failed and stayed so.
        """
        report = on_progress or _silent
        if _is_right(target, file):
            report(file.size)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{file.sha256[:12]}.part")
        self._fetch_draft(address, file, draft, report)
        if file_digest(draft) != file.sha256:
            draft.unlink()
            raise ServerFault(
                "download_damaged",
                f"{file.path} arrived with other bytes than it should have.",
                fix="Run the command again.",
                where=file.path,
            )
        draft.replace(target)

    def _fetch_draft(
        self, address: str, file: RemoteFile, draft: Path, report: OnProgress
    ) -> None:
        """Append to ``draft`` until it is complete; tries end when nothing comes."""
        if _length(draft) > file.size:
            draft.unlink()
        report(_length(draft))
        pauses = self._transport.patience.longer().pauses
        left = list(pauses)
        while _length(draft) < file.size or not draft.exists():
            before = _length(draft)
            try:
                self._fetch_rest(address, draft, report)
            except ServerUnreachable:
                if _length(draft) > before:
                    left = list(pauses)  # it moves on, so it is worth going on
                if not left:
                    raise
                self._transport.patience.sleep(left.pop(0))
            else:
                _check_length(file, _length(draft))

    def _fetch_rest(self, address: str, draft: Path, report: OnProgress) -> None:
        held = _length(draft)
        headers = {"Accept": "application/octet-stream", "Accept-Encoding": "identity"}
        if held:
            headers["Range"] = f"bytes={held}-"
        with self._transport.stream(address, headers) as response:
            resumed = response.status_code == httpx2.codes.PARTIAL_CONTENT
            # Without If-Range: nginx and buckets have entity tags of their own. The
            # draft is named by its digest, and the whole is checked against it.
            if held and not resumed:
                report(-held)
            with draft.open("ab" if resumed else "wb") as output:
                # As it arrives: a buffer would be lost with the connection.
                for chunk in response.iter_raw():
                    output.write(chunk)
                    report(len(chunk))


def _check_length(file: RemoteFile, held: int) -> None:
    if held != file.size:
        raise ServerFault(
            "download_damaged",
            f"{file.path} should have {file.size} bytes and {held} arrived.",
            fix="Run the command again.",
            where=file.path,
        )


def _is_right(target: Path, file: RemoteFile) -> bool:
    if target.is_dir():
        raise Invalid(
            "target_is_folder",
            f"{target} is a folder, and the file {file.path} would go there.",
            fix="Choose another folder.",
        )
    if not target.is_file() or target.stat().st_size != file.size:
        return False
    return file_digest(target) == file.sha256


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _silent(_: int) -> None:
    """Report to nobody."""
