"""Questions about model repositories and their commits."""

import re

from accounts.models import User
from assay.protocol.errors import NotFound
from catalogue.models import Commit, Repository
from common.paging import Page, keyset

MAIN = "main"
DIGEST = re.compile(r"[0-9a-f]{40}")


def repository_by_reference(*, reference: str, viewer: User | None) -> Repository:
    """The repository cited as ``owner/name``; its owner alone sees it.

    Raises:
        NotFound: there is none that the viewer may see.
    """
    owner, _, name = reference.partition("/")
    found = None
    if viewer is not None and viewer.username == owner:
        mine = Repository.objects.select_related("owner")
        found = mine.filter(owner=viewer, name=name).first()
    if found is None:
        raise NotFound(
            "repository_not_found",
            f"You have no model repository {reference}.",
            fix="Repositories are cited as owner/name; their owners alone see them.",
        )
    return found


def repositories_of(
    owner: User, *, cursor: str | None = None, limit: int = 20
) -> Page[Repository]:
    """A person's repositories, newest first."""
    found = Repository.objects.filter(owner=owner).select_related("owner")
    return keyset(found, cursor=cursor, limit=limit, order=["-created_at", "id"])


def commit_by_revision(repository: Repository, revision: str = MAIN) -> Commit:
    """The commit that a revision names: ``main``, or a commit's digest.

    Raises:
        NotFound: the repository has none such.
    """
    commits = repository.commits.select_related("author", "repository__owner")
    found = None
    if revision == MAIN:
        found = commits.order_by("-number").first()
    elif DIGEST.fullmatch(revision):
        found = commits.filter(digest=revision).first()
    if found is None:
        raise NotFound(
            "revision_not_found",
            f"{repository.reference} has no revision {revision}.",
            fix="Name a commit by its 40 digits, or main; there are no branches.",
            where="revision",
        )
    return found


def commits_of(
    repository: Repository, *, cursor: str | None = None, limit: int = 20
) -> Page[Commit]:
    """Its commits, newest first."""
    found = repository.commits.select_related("author")
    return keyset(found, cursor=cursor, limit=limit, order=["-number"])
