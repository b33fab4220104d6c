"""Model repositories: a person's files with a history, before any of it is a model."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalogue.models.model import NAME


class Repository(models.Model):
    """Where a person keeps a model while it is made; its owner alone sees it.

    It has one line of commits, ``main``. What is entered in a competition or published
    is a commit's files, frozen as a model.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="repositories"
    )
    name = models.CharField(max_length=96, validators=[NAME])
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="repository_once")
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="repository_newest")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """``owner/name``, by which it is cited."""
        return f"{self.owner.username}/{self.name}"


class Commit(models.Model):
    """The files of a repository at one moment; never changes.

    ``digest`` is taken of its files, parent, author, words and time, and names it.
    """

    repository = models.ForeignKey(
        Repository, on_delete=models.CASCADE, related_name="commits"
    )
    number = models.PositiveIntegerField(help_text="counted from 1; the last is main")
    digest = models.CharField(max_length=40)
    parent = models.CharField(max_length=40, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "number"], name="commit_number_once"
            ),
            models.UniqueConstraint(
                fields=["repository", "digest"], name="commit_digest_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.title}"


class CommitFile(models.Model):
    """One file of a commit. ``git_oid`` is what git names its bytes, when known."""

    commit = models.ForeignKey(Commit, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=200)
    blob = models.ForeignKey(
        "storage.Blob", on_delete=models.PROTECT, related_name="commit_files"
    )
    git_oid = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["commit", "path"], name="commit_file_once")
        ]

    def __str__(self) -> str:
        return self.path
