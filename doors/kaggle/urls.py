"""Addresses of the Kaggle door, under /api/v1/, where its command looks."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from doors.kaggle.routing import not_found, refused
from doors.kaggle.views import reading, submitting


@csrf_exempt
def unknown(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001
    """Answer an address that no route has."""
    return refused(not_found())


COMPETITIONS = "competitions.CompetitionApiService"

urlpatterns = [
    path("security.OAuthService/IntrospectToken", reading.introspect),
    path(f"{COMPETITIONS}/ListCompetitions", reading.list_competitions),
    path(f"{COMPETITIONS}/ListDataFiles", reading.list_files),
    path(f"{COMPETITIONS}/DownloadDataFile", reading.download_file),
    path(f"{COMPETITIONS}/DownloadDataFiles", reading.download_files),
    path(f"{COMPETITIONS}/GetLeaderboard", reading.leaderboard),
    path(f"{COMPETITIONS}/DownloadLeaderboard", reading.download_leaderboard),
    path(f"{COMPETITIONS}/StartSubmissionUpload", submitting.start),
    path(f"{COMPETITIONS}/CreateSubmission", submitting.create),
    path(f"{COMPETITIONS}/GetSubmission", submitting.show),
    path(f"{COMPETITIONS}/ListSubmissions", submitting.list_mine),
    path(f"{COMPETITIONS}/GetSubmissionLimits", submitting.limits),
    path("uploads/<str:secret>", submitting.put),
    path("files/<str:secret>/<path:name>", reading.fetch),
    path("<path:rest>", unknown),
]
