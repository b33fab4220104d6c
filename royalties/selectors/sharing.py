"""Files that somebody may read, and so may copy from when they send another."""

from datetime import datetime

from accounts.models import User
from catalogue.models import Model
from royalties.selectors.licences import may_download
from storage.models import Blob


def open_weights(*, viewer: User, now: datetime) -> list[Blob]:
    """The weights of the base models whose files the viewer may download."""
    bases = Model.objects.filter(is_base=True, published_at__isnull=False)
    return [
        file.blob
        for model in bases.prefetch_related("files__blob")
        if may_download(model, viewer, now)
        for file in model.files.all()
        if file.path.endswith(".safetensors")
    ]
