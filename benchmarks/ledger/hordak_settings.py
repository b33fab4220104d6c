"""A Django of its own for django-hordak, on the database of the run."""

import os

import dj_database_url

SECRET_KEY = "only for a benchmark"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "mptt",
    "hordak",
]
DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
CURRENCIES = ["EUR"]
HORDAK_CURRENCIES = ["EUR"]
