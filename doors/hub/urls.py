"""Addresses of the Hub door, under /hub/."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, register_converter
from django.views.decorators.csrf import csrf_exempt

from doors.hub.errors import not_found, refused
from doors.hub.views import committing, lfs, listing, people, reading


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
DATA = "api/datasets/<word:owner>/<word:name>"


def readable(api: str, file: str, kind: str) -> list[URLPattern]:
    """Where repositories of a kind are read."""
    told = {"kind": kind}
    return [
        path(api, reading.show, told),
        path(f"{api}/revision/<word:revision>", reading.show, told),
        path(f"{api}/tree/<word:revision>", reading.tree, told),
        path(f"{api}/tree/<word:revision>/<path:folder>", reading.tree, told),
        path(f"{api}/paths-info/<word:revision>", reading.paths_info, told),
        path(f"{api}/refs", reading.refs, told),
        path(f"{api}/commits/<word:revision>", reading.commits, told),
        path(file, reading.resolve, told),
    ]


urlpatterns = [
    path("api/whoami-v2", people.whoami),
    path("api/repos/create", people.create),
    path("api/repos/delete", people.delete),
    path("api/validate-yaml", people.validate_card),
    path(f"{MODEL}/preupload/<word:revision>", committing.preupload),
    path(f"{MODEL}/commit/<word:revision>", committing.add),
    path(f"{MODEL}/xet-write-token/<word:revision>", committing.xet_token),
    path("api/models", listing.models),
    path("api/datasets", listing.data),
    *readable(MODEL, FILE, "models"),
    *readable(DATA, f"datasets/{FILE}", "datasets"),
    path(f"{DATA}/croissant", reading.croissant),
    path(f"{LFS}/objects/batch", lfs.batch),
    path(f"{LFS}/verify", lfs.verify),
    path("lfs/<str:secret>", lfs.send),
    path("<path:rest>", unknown),
]
