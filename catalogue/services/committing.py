"""Model repositories: making them, and adding commits that never change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum

from accounts.models import User
from assay.protocol.canonical import digest
from assay.protocol.errors import Conflict, Invalid, LimitReached, NotFound
from assay.protocol.manifest import check_path
from catalogue.models import Commit, CommitFile, Repository
from storage.models import Blob
from storage.services import held_blob

MAX_REPOSITORIES = 100
MAX_COMMITS = 1000
MAX_FILES = 1000
MAX_BYTES = 100 * 2**30
MAX_DESCRIPTION = 2000


@dataclass(frozen=True, slots=True)
class AddFile:
    """Put a file at ``path``; whoever commits holds its bytes."""

    path: str
    sha256: str
    git_oid: str = ""


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Take the file at ``path`` away."""

    path: str


@dataclass(frozen=True, slots=True)
class DeleteFolder:
    """Take everything under ``path`` away; the whole tree for an empty one."""

    path: str


@dataclass(frozen=True, slots=True)
class CopyFile:
    """Put the file that the commit before had at ``source`` at ``path`` too."""

    source: str
    path: str


Change = AddFile | DeleteFile | DeleteFolder | CopyFile


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a tree."""

    blob: Blob
    git_oid: str = ""


@transaction.atomic
def create_repository(*, owner: User, name: str, now: datetime) -> Repository:
    """Make an empty repository, with a first commit of no files.

    Raises:
        Invalid: the name breaks a rule.
        Conflict: the owner has one of that name.
        LimitReached: they have too many.
    """
    if owner.repositories.count() >= MAX_REPOSITORIES:
        raise LimitReached(
            "too_many_repositories",
            f"You have {MAX_REPOSITORIES} model repositories, which is the most.",
            fix="Delete one that you no longer need.",
        )
    repository = Repository(owner=owner, name=name, created_at=now)
    try:
        repository.clean_fields(exclude=["owner"])
        with transaction.atomic():
            repository.save(force_insert=True)
    except ValidationError as error:
        raise Invalid(
            "repository_invalid", " ".join(error.messages), where="name"
        ) from error
    except IntegrityError as error:
        raise Conflict(
            "repository_exists",
            f"You have a model repository {name} already.",
            fix="Commit to it, or choose another name.",
            where="name",
        ) from error
    _append(repository, {}, author=owner, title="Create the repository", now=now)
    return repository


@transaction.atomic
def commit(
    *,
    repository: Repository,
    author: User,
    changes: Sequence[Change],
    title: str,
    now: datetime,
    description: str = "",
    parent: str = "",
    always: bool = False,
) -> Commit:
    """Change files on ``main``, all or nothing.

    Changes are carried out in order, but copies read the commit before. When nothing
    differs, nothing is added and the newest commit is returned, so that a commit whose
    answer was lost can be sent again.

    Args:
        parent: the commit that ``main`` must be at; any when empty.
        always: add a commit even when nothing differs.

    Raises:
        Invalid: a path or text breaks a rule, or the author does not hold the bytes.
        NotFound: a file to be deleted or copied is not there.
        Conflict: ``main`` is elsewhere (``head_moved``).
        LimitReached: too many files, commits or bytes.
    """
    head = repository.commits.get(number=_lock(repository))
    if parent and parent != head.digest:
        raise _moved(repository, head.digest)
    before = tree_of(head)
    after = _changed(before, changes, author=author)
    if after == before and not always:
        return head
    _check_limits(repository, head, after)
    return _append(
        repository,
        after,
        author=author,
        title=_title(title),
        description=_description(description),
        head=head,
        now=now,
    )


def tree_of(commit: Commit) -> dict[str, Stored]:
    """A commit's files by path."""
    return {
        file.path: Stored(file.blob, file.git_oid)
        for file in commit.files.select_related("blob")
    }


def _lock(repository: Repository) -> int:
    """The newest commit's number, once nobody else adds one."""
    Repository.objects.select_for_update(no_key=True).get(pk=repository.pk)
    newest = repository.commits.order_by("-number").first()
    assert newest is not None
    return newest.number


def _moved(repository: Repository, head: str) -> Conflict:
    return Conflict(
        "head_moved",
        f"{repository.reference} is at {head[:8]}, not at the commit that this was "
        "made on.",
        fix="Look at what changed, then commit again.",
        where="parent",
    )


def _changed(
    before: Mapping[str, Stored], changes: Iterable[Change], *, author: User
) -> dict[str, Stored]:
    after = dict(before)
    for change in changes:
        match change:
            case AddFile(path, sha256, git_oid):
                check_path(path)
                blob = held_blob(owner=author, sha256=sha256, where=path)
                after[path] = Stored(blob, git_oid)
            case CopyFile(source, path):
                check_path(path)
                after[path] = _found(before, source)
            case DeleteFile(path):
                _found(after, path)
                del after[path]
            case DeleteFolder(path):
                _delete_folder(after, path)
    _check_folders(after)
    return after


def _found(tree: Mapping[str, Stored], path: str) -> Stored:
    if path not in tree:
        raise NotFound(
            "file_not_found", f"The repository has no file {path}.", where=path
        )
    return tree[path]


def _delete_folder(tree: dict[str, Stored], folder: str) -> None:
    prefix = folder.strip("/") + "/" if folder.strip("/") else ""
    inside = [path for path in tree if path.startswith(prefix)]
    if not inside:
        raise NotFound(
            "file_not_found", f"The repository has no folder {folder}.", where=folder
        )
    for path in inside:
        del tree[path]


def _check_folders(tree: Mapping[str, Stored]) -> None:
    """No path is a file and a folder at once."""
    for path in tree:
        above = path.rpartition("/")[0]
        while above:
            if above in tree:
                raise Invalid(
                    "path_taken",
                    f"{above} is a file, so {path} cannot lie in it.",
                    fix="Delete the file in the same commit, or use another folder.",
                    where=path,
                )
            above = above.rpartition("/")[0]


def _check_limits(
    repository: Repository, head: Commit, after: Mapping[str, Stored]
) -> None:
    if len(after) > MAX_FILES:
        raise LimitReached(
            "too_many_files",
            f"A commit may have {MAX_FILES} files; this one has {len(after)}.",
            fix="Leave out what the model does not need.",
        )
    if head.number >= MAX_COMMITS:
        raise LimitReached(
            "too_many_commits",
            f"{repository.reference} has {MAX_COMMITS} commits, which is the most.",
            fix="Go on in a new repository.",
        )
    kept = CommitFile.objects.filter(commit__repository__owner=repository.owner_id)
    kept_blobs = Blob.objects.filter(pk__in=kept.values("blob"))
    total = kept_blobs.aggregate(total=Sum("size"))["total"] or 0
    new = {stored.blob.pk: stored.blob.size for stored in after.values()}
    for pk in kept_blobs.filter(pk__in=list(new)).values_list("pk", flat=True):
        del new[pk]
    if total + sum(new.values()) > MAX_BYTES:
        raise LimitReached(
            "repositories_full",
            f"Your repositories hold {total} bytes; with this commit they would hold "
            f"more than {MAX_BYTES}.",
            fix="Delete a repository that you no longer need.",
        )


def _title(text: str) -> str:
    title = " ".join(text.split())[:200]
    return title or "Change files"


def _description(text: str) -> str:
    return text.strip()[:MAX_DESCRIPTION]


def _append(
    repository: Repository,
    tree: Mapping[str, Stored],
    *,
    author: User,
    title: str,
    now: datetime,
    description: str = "",
    head: Commit | None = None,
) -> Commit:
    made = Commit(
        repository=repository,
        number=head.number + 1 if head else 1,
        parent=head.digest if head else "",
        author=author,
        title=title,
        description=description,
        created_at=now,
    )
    made.digest = _digest(made, tree)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise _moved(repository, "another commit") from error
    CommitFile.objects.bulk_create(
        CommitFile(commit=made, path=path, blob=stored.blob, git_oid=stored.git_oid)
        for path, stored in sorted(tree.items())
    )
    return made


def _digest(made: Commit, tree: Mapping[str, Stored]) -> str:
    """40 hex digits, as clients expect of a commit."""
    return digest(
        {
            "format": "assay-commit-1",
            "repository": str(made.repository_id),
            "number": made.number,
            "parent": made.parent,
            "author": made.author.username,
            "title": made.title,
            "description": made.description,
            "at": made.created_at.isoformat(),
            "files": {path: stored.blob.sha256 for path, stored in tree.items()},
        }
    )[:40]
