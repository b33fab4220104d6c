"""Addresses of the Hub door, under /hub/."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, register_converter
from django.views.decorators.csrf import csrf_exempt

from doors.hub.errors import not_found, refused
from doors.hub.views import committing, lfs, people, reading


class Word:
    """A name, which may hold dots but is not followed by ``.git``."""

    regex = r"[^/]+?"

    def to_python(self, value: str) -> str:
        """The name itself."""
        return value

    def to_url(self, value: str) -> str:
        """The name itself."""
        return value


register_converter(Word, "word")


@csrf_exempt
def unknown(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001
    """Answer an address that no route has."""
    return refused(not_found())


MODEL = "api/models/<word:owner>/<word:name>"
LFS = "<word:owner>/<word:name>.git/info/lfs"
FILE = "<word:owner>/<word:name>/resolve/<word:revision>/<path:path>"
MODELS = {"kind": "models"}

urlpatterns = [
    path("api/whoami-v2", people.whoami),
    path("api/repos/create", people.create),
    path("api/repos/delete", people.delete),
    path("api/validate-yaml", people.validate_card),
    path(f"{MODEL}/preupload/<word:revision>", committing.preupload),
    path(f"{MODEL}/commit/<word:revision>", committing.add),
    path(f"{MODEL}/xet-write-token/<word:revision>", committing.xet_token),
    path(MODEL, reading.show, MODELS),
    path(f"{MODEL}/revision/<word:revision>", reading.show, MODELS),
    path(f"{MODEL}/tree/<word:revision>", reading.tree, MODELS),
    path(f"{MODEL}/tree/<word:revision>/<path:folder>", reading.tree, MODELS),
    path(f"{MODEL}/paths-info/<word:revision>", reading.paths_info, MODELS),
    path(f"{MODEL}/refs", reading.refs, MODELS),
    path(f"{MODEL}/commits/<word:revision>", reading.commits, MODELS),
    path(f"{LFS}/objects/batch", lfs.batch),
    path(f"{LFS}/verify", lfs.verify),
    path("lfs/<str:secret>", lfs.send),
    path(FILE, reading.resolve, MODELS),
    path("<path:rest>", unknown),
]
