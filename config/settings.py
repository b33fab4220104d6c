"""All settings, from the environment; the defaults are a laptop's.

``ASSAY_VAR`` is the one folder that the platform writes to.
"""

import re
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import environment
from config.logging import logging_config
from storage.address import read_address

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(environment.text("ASSAY_VAR", str(BASE_DIR / "var"))).resolve()

DEVELOPMENT = environment.flag("ASSAY_DEVELOPMENT", default=True)
DEBUG = environment.flag("ASSAY_DEBUG", default=False)
SECRET_KEY = environment.text(
    "ASSAY_SECRET_KEY", "development-only-key-of-a-laptop" if DEVELOPMENT else ""
)
if not SECRET_KEY:
    msg = "ASSAY_SECRET_KEY is not set; set it to 50 or more random characters."
    raise ImproperlyConfigured(msg)
PORT = environment.number("ASSAY_PORT", 8000)
PUBLIC_URL = environment.text("ASSAY_PUBLIC_URL", f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = environment.words("ASSAY_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
if DEVELOPMENT and urlsplit(PUBLIC_URL).hostname not in {
    "127.0.0.1",
    "localhost",
    "::1",
}:
    msg = (
        f"ASSAY_PUBLIC_URL is {PUBLIC_URL}, and this is a development set-up with a "
        "known secret and an open faucet; set ASSAY_DEVELOPMENT=0."
    )
    raise ImproperlyConfigured(msg)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "ninja",
    "common",
    "accounts",
    "ledger",
    "storage",
    "catalogue",
    "competitions",
    "royalties",
    "api",
    "web",
    "config",
]
MIDDLEWARE = [
    "common.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "common.middleware.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        environment.text("DATABASE_URL", f"sqlite:///{VAR / 'assay.sqlite3'}"),
        conn_max_age=60,
    )
}
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    DATABASES["default"]["ENGINE"] = "common.sqlite"  # with a queue for writers
    # IMMEDIATE: a transaction that will write takes the write lock at once, so it
    # waits its turn instead of failing half-way through.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            # 64 MiB at most: a settlement's index pages would spill out of the usual 2
            "PRAGMA cache_size=-65536;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 2**20

REDIS_URL = environment.text("REDIS_URL", f"redis+socket://{VAR / 'run/valkey.sock'}")
STORAGE_URL = environment.text("STORAGE_URL", str(VAR / "storage"))
try:
    STORAGE_BUCKET = read_address(STORAGE_URL)
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from error
STORAGE_PATH = Path(STORAGE_URL) if STORAGE_BUCKET is None else VAR / "storage"
# How files go out: by this process, or by whom we point to. Behind nginx, the place
# of an internal location over the folder's blobs; a bucket sends its files itself.
ACCEL_REDIRECT = environment.text("ASSAY_ACCEL_REDIRECT")
STORAGE_REDIRECT = environment.flag("ASSAY_STORAGE_REDIRECT", default=True)
# How much a person may hold, uploads under way included, and enter in a competition.
USER_BYTES = environment.number("ASSAY_USER_GIB", 200) * 2**30
ENTRANT_BYTES = environment.number("ASSAY_ENTRANT_GIB", 100) * 2**30
# What was uploaded and is used for nothing is deleted after so many days.
KEEP_UNUSED_DAYS = environment.number("ASSAY_KEEP_UNUSED_DAYS", 30)
KEYS_PATH = Path(environment.text("ASSAY_KEYS", str(VAR / "keys")))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
    # The API's reference page is made by django-ninja, with one inline script.
    "EXCLUDE_URL_PREFIXES": ["/api/docs"],
}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # a neighbour's host name cannot set these
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SECURE_SSL_REDIRECT = environment.flag("ASSAY_SSL_REDIRECT", default=HTTPS)
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
SECURE_HSTS_SECONDS = environment.number("ASSAY_HSTS_SECONDS", 31536000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = environment.flag(
    "ASSAY_HSTS_SUBDOMAINS", default=HTTPS
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = logging_config(
    as_json=environment.flag("ASSAY_LOG_JSON", default=not DEVELOPMENT),
    level=environment.text("ASSAY_LOG_LEVEL", "INFO"),
)

# The product's own settings.
# How many proxies that we run stand between people and the web server.
PROXIES = environment.number("ASSAY_PROXIES", 0)
# Tries by kind of key; ``common.throttling`` counts them.
RATES: dict[str, dict[str, str]] = {
    "log_in": {
        "pair": "5/minute;20/hour",
        "address": "30/minute;200/hour",
        "handle": "100/hour",
    },
    "sign_up": {"address": "10/minute;30/hour"},
    "token": {"person": "30/hour"},
    "bad_token": {"address": "60/minute"},
    "upload": {"person": "3000/minute"},
}
if not environment.flag("ASSAY_RATES", default=True):
    RATES = {}
ASSET_SYMBOL = environment.text("ASSAY_ASSET", "AST")
ASSET_DECIMALS = environment.number("ASSAY_ASSET_DECIMALS", 18)
FAUCET = environment.flag("ASSAY_FAUCET", default=DEVELOPMENT)
FAUCET_DAILY_LIMIT = "10000"
# Bringing a deadline forward is for rehearsals: miners plan by the deadline.
DEADLINE_MAY_SHORTEN = environment.flag(
    "ASSAY_DEADLINE_MAY_SHORTEN", default=DEVELOPMENT
)
# Of each award, in basis points; every competition keeps the one it was created with.
FEE_POINTS = environment.number("ASSAY_FEE_POINTS", 250 if DEVELOPMENT else 0)
if not 0 <= FEE_POINTS <= 10_000:
    msg = f"ASSAY_FEE_POINTS is {FEE_POINTS}; set it to 0 to 10000 basis points."
    raise ImproperlyConfigured(msg)
# Whole tokens for a second of evaluation, where a competition has a budget for it.
EVALUATION_PRICE = environment.text(
    "ASSAY_EVALUATION_PRICE", "0.01" if DEVELOPMENT else "0"
)
LEASE_DURATION = timedelta(seconds=environment.number("ASSAY_LEASE_SECONDS", 60))
EVALUATION_MAX_ATTEMPTS = 4
# What a challenger puts down, in whole tokens; a dismissed challenge loses it.
CHALLENGE_DEPOSIT = environment.text("ASSAY_CHALLENGE_DEPOSIT", "10")
QUOTE_VALIDITY = timedelta(hours=1)
ROYALTY_FEE_BPS = environment.number("ASSAY_ROYALTY_FEE_BPS", 0)
if not 0 <= ROYALTY_FEE_BPS <= 5000:
    msg = f"ASSAY_ROYALTY_FEE_BPS is {ROYALTY_FEE_BPS}; set it to 0 to 5000 (50 %)."
    raise ImproperlyConfigured(msg)
# While a payment can be refunded, its payees wait for it.
REFUND_WINDOW = timedelta(
    hours=environment.number("ASSAY_REFUND_HOURS", 0 if DEVELOPMENT else 336)
)
RENEWAL_LEAD = timedelta(hours=24)
RENEWAL_GRACE = timedelta(days=environment.number("ASSAY_RENEWAL_GRACE_DAYS", 7))
REVENUE_PERIOD = timedelta(days=30)
METER_CLOSING = timedelta(hours=environment.number("ASSAY_METER_CLOSING_HOURS", 24))
INVOICE_SELLER = environment.text("ASSAY_INVOICE_SELLER", "Assay")
VAT_PERCENT = environment.text("ASSAY_VAT_PERCENT", "0")
if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})?", VAT_PERCENT):
    msg = f"ASSAY_VAT_PERCENT is {VAT_PERCENT!r}; set it to a number such as 19."
    raise ImproperlyConfigured(msg)
VAT_NOTE = environment.text("ASSAY_VAT_NOTE", "")
TICK_SECONDS = environment.number("ASSAY_TICK_SECONDS", 2)

TESTING = "pytest" in sys.modules
if TESTING:
    FEE_POINTS = 0  # a test that is about the fee says how much
    RATES = {}  # and one about rates names them
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
