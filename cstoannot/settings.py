"""Settings, all from the environment; a bad value stops the start with a sentence.

DATABASE_URL            postgres://…; without it SQLite in the data folder
CSTOANNOT_DATA          the data folder, default `var/` beside manage.py
CSTOANNOT_URL           the public address, default http://127.0.0.1:PORT; https turns on all
                        that belongs to it (secure cookies, redirect, HSTS)
CSTOANNOT_ALLOWED_HOSTS further host names, by commas
CSTOANNOT_BEHIND_PROXY  true if a proxy sets X-Forwarded-Proto and X-Forwarded-For
CSTOANNOT_POOL          connections to PostgreSQL of a process at most, default 16
CSTOANNOT_RATE_USER     requests to the API a minute and user, default 60000
CSTOANNOT_RATE_ADDRESS  the same without signing in, by address, default 6000
CSTOANNOT_RATE_SIGN_IN  attempts to sign in a minute and address, default 300
CSTOANNOT_SESSION_HOURS after which an idle session ends, default 336
CSTOANNOT_HSTS_SUBDOMAINS, CSTOANNOT_HSTS_PRELOAD  what HSTS adds with https, default false
CSTOANNOT_LARGEST_SOURCE  bytes of a request that adds sources, default 32000000
CSTOANNOT_RESTORING     who may restore archives from the page: staff (the default),
                        everybody or nobody
PORT                    where `serve` listens, default 8000
SECRET_KEY              kept in the data folder if not given
DEBUG                   true for development only
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from cstoannot.bytecode import locate_data_folder
from cstoannot.core.fields import parse_whole_number

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent


# Seconds that a writer waits for its turn; browsers give up on a save after 15.
WRITER_PATIENCE = 5


# Coding is confidential: what any process of this installation makes is its user's alone.
os.umask(0o077)


def _make_data_folder() -> Path:
    folder = locate_data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ImproperlyConfigured(
            f"CSTOANNOT_DATA names {folder}, which cannot be made: {error.strerror}."
        ) from error
    return folder


def _read_secret_key(folder: Path) -> str:
    given = env.str("SECRET_KEY", default="")
    if given:
        if len(given) < 50:
            raise ImproperlyConfigured("SECRET_KEY is too short: give 50 characters or more.")
        return given
    kept = folder / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(get_random_secret_key())
    return kept.read_text()


def _read_flag_setting(name: str) -> bool:
    value = env.str(name, default="false").strip().lower()
    if value not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name} is {value!r}: say true or false.")
    return value in {"true", "1", "yes", "on"}


def _read_port_setting() -> int:
    value = env.str("PORT", default="8000")
    port = parse_whole_number(value, most=65_535)
    if not port:
        raise ImproperlyConfigured(f"PORT is {value!r}: give a number from 1 to 65535.")
    return port


def _read_number_setting(name: str, default: int, unit: str) -> int:
    value = env.str(name, default=str(default))
    number = parse_whole_number(value, most=10**9 - 1)
    if not number:
        raise ImproperlyConfigured(f"{name} is {value!r}: give a number of {unit}.")
    return number


def _read_rate_setting(name: str, default: int) -> int:
    return _read_number_setting(name, default, "requests a minute")


def _read_restoring_setting() -> str:
    value = env.str("CSTOANNOT_RESTORING", default="staff").strip().lower()
    if value not in {"staff", "everybody", "nobody"}:
        raise ImproperlyConfigured(
            f"CSTOANNOT_RESTORING is {value!r}: say staff, everybody or nobody."
        )
    return value


def _read_public_url(port: int) -> str:
    value = env.str("CSTOANNOT_URL", default=f"http://127.0.0.1:{port}").rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise ImproperlyConfigured(
            f"CSTOANNOT_URL is {value!r}: give scheme and host, such as https://coding.example.org."
        )
    return value


def _build_database_settings(folder: Path) -> dict[str, dict[str, object]]:
    url = env.str("DATABASE_URL", default="")
    if not url:
        return {"default": _build_sqlite_settings(folder / "cstoannot.sqlite3")}
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return {"default": _build_sqlite_settings(Path(env.db_url("DATABASE_URL")["NAME"]))}
    if scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with {scheme!r}: use postgres://user:password@host:5432/name."
        )
    database = env.db_url("DATABASE_URL")
    database["ENGINE"] = "cstoannot.database.postgresql"
    database["OPTIONS"] = {
        **database.get("OPTIONS", {}),
        "connect_timeout": 3,
        # A host that is gone without a word is noticed after this many milliseconds.
        "tcp_user_timeout": 10_000,
        "pool": {
            "max_size": _read_number_setting("CSTOANNOT_POOL", 16, "connections"),
            "timeout": 10,
        },
    }
    return {"default": database}


def _build_sqlite_settings(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "cstoannot.database.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,  # opening a connection costs more than a save
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # waits for its turn instead of failing half-way
            "timeout": WRITER_PATIENCE,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                "PRAGMA mmap_size=268435456;PRAGMA cache_size=-4000;"
            ),
        },
    }


DATA_FOLDER = _make_data_folder()
PORT = _read_port_setting()
PUBLIC_URL = _read_public_url(PORT)
SECRET_KEY = _read_secret_key(DATA_FOLDER)
DEBUG = _read_flag_setting("DEBUG")
RESTORING = _read_restoring_setting()
HTTPS = PUBLIC_URL.startswith("https://")

_host = urlsplit(PUBLIC_URL).hostname or ""
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [_host, *LOOPBACK_HOSTS, *env.list("CSTOANNOT_ALLOWED_HOSTS", default=[])]

INSTALLED_APPS = [
    "cstoannot",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
]

MIDDLEWARE = [
    # First: it sees every answer, and looks at a body's length before CSRF looks into a form.
    "cstoannot.http.middleware.BodyLimitMiddleware",
    "cstoannot.http.middleware.NoStoreMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cstoannot.http.middleware.SessionRenewalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cstoannot.web.middleware.SavedDraftMiddleware",
    "cstoannot.web.middleware.ReaderZoneMiddleware",
    "cstoannot.web.middleware.DomainErrorMiddleware",
    "cstoannot.http.middleware.OutageMiddleware",
]

ROOT_URLCONF = "cstoannot.urls"
WSGI_APPLICATION = "cstoannot.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = _build_database_settings(DATA_FOLDER)

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "cstoannot" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "cstoannot.web.templatetags.codes",
                "cstoannot.web.templatetags.moments",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    }
}

# Signing in
AUTH_USER_MODEL = "cstoannot.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "cstoannot.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
# Names of accounts are unique; those of outsiders only in their project.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# A whole class signs in from one address at once. accounts/attempt_actions.py counts failures.
_SIGN_IN = _read_rate_setting("CSTOANNOT_RATE_SIGN_IN", 300)
SIGN_IN_FAILURES = max(1, _SIGN_IN // 5)
ACCOUNT_RATE_LIMITS = {"login": f"{_SIGN_IN}/m/ip", "login_failed": None}
SESSION_ENGINE = "cstoannot.accounts.sessions"
SESSION_COOKIE_AGE = 3600 * _read_number_setting(
    "CSTOANNOT_SESSION_HOURS", 336, "hours"
)  # without a request
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "MinimumLengthValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
    {"NAME": "cstoannot.accounts.adapter.TokenRevokingValidator"},
]

# Language and time
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_FOLDER / "static"
STATICFILES_DIRS = [BASE_DIR / "cstoannot" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {"staticfiles": {"BACKEND": "cstoannot.web.staticfiles.ModuleManifestStorage"}}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# Five million characters escaped as JSON; http/bodies.py says what other bodies may hold.
LARGEST_SOURCE_BODY = _read_number_setting("CSTOANNOT_LARGEST_SOURCE", 32_000_000, "bytes")
DATA_UPLOAD_MAX_MEMORY_SIZE = LARGEST_SOURCE_BODY
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 100

# Safety in transport and in the browser
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# They bind other hosts of the domain, and for years: whoever answers for those decides.
SECURE_HSTS_INCLUDE_SUBDOMAINS = _read_flag_setting("CSTOANNOT_HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = _read_flag_setting("CSTOANNOT_HSTS_PRELOAD")
SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W021"]
BEHIND_PROXY = _read_flag_setting("CSTOANNOT_BEHIND_PROXY")
if BEHIND_PROXY:
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if not HTTPS and _host in {"127.0.0.1", "localhost", "::1"}:
    # Plain http on this very machine is a choice, not an oversight.
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "cstoannot.urls.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# The API
RATE_USER = _read_rate_setting(
    "CSTOANNOT_RATE_USER", 60_000
)  # more than one client gets through alone
RATE_ADDRESS = _read_rate_setting("CSTOANNOT_RATE_ADDRESS", 6_000)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "cstoannot.api.authentication.BearerTokenAuthentication",
        "cstoannot.api.authentication.SessionCookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["cstoannot.api.authentication.IsSignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["cstoannot.api.json_io.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["cstoannot.api.json_io.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "cstoannot.api.openapi.ApiAutoSchema",
    "EXCEPTION_HANDLER": "cstoannot.api.errors.handle_api_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
KNOX_TOKEN_MODEL = "cstoannot.Token"
MIGRATION_MODULES = {"knox": None}  # its own table of tokens is not used, and not made
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "cstoannot",
    "DESCRIPTION": (
        "Sources, codebook, annotations and what follows from them. Offsets are Unicode code "
        "points, half-open: `text[start:end] == quote`. Errors are `application/problem+json`."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,  # docstrings are for programmers
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "string", "format": "uuid"}},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cstoannot.api.openapi.complete_api_description",
    ],
    "ENUM_NAME_OVERRIDES": {
        "LayerEnum": ["individual", "consensus"],
        "AskedLayerEnum": "cstoannot.comparison.comparison_query.LAYERS",
        "AnsweringLayerEnum": "cstoannot.comparison.comparison_query.ANSWERING_LAYERS",
        "RoleEnum": "cstoannot.projects.models.Role",
        "InvitedRoleEnum": ["adjudicator", "annotator", "viewer"],
        "InvitationStateEnum": ["open", "accepted", "withdrawn", "expired"],
        "ResultsEnum": "cstoannot.projects.models.Results",
        "ResultsLinkStateEnum": ["open", "revoked", "expired"],
        "VerdictEnum": ["agree", "diverge", "single", "unaddressed"],
    },
}

_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "cstoannot.web.logs.RedactingFormatter", "fmt": _LINE}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A refusal is an answer, not an event: what a client did wrong is told to the client.
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "ERROR"}},
}
