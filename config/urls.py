"""The root of all routes."""

from django.urls import URLPattern, URLResolver, include, path

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("doors.kaggle.urls")),
    path("api/", include("api.urls")),
    path("hub/", include("doors.hub.urls")),
    path("", include("web.urls")),
]
