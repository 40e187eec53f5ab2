"""Settings of Foyer, read from top to bottom. Every environment variable appears once, here.

The README lists them; `tests/core/test_settings.py` holds that table against this file.
"""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from core import keys
from core.db.postgresql import postgresql_settings
from core.env import (
    choice,
    email,
    env,
    export_for_libraries,
    flag,
    host_names,
    load_env_file,
    origins,
    path,
    rate,
    require_package,
    sender,
    url,
    whole_number,
    words,
)
from core.files.file_systems import require_sqlite_support
from core.files.object_storage import s3_storage
from core.logs import sentry
from core.logs.route import name_route
from repos.github_tokens import NotAToken, clean_github_token
from repos.github_urls import is_login

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
# Cron jobs start with an empty environment and find their settings here too.
load_env_file(BASE_DIR / ".env")

# --- Where things are kept -----------------------------------------------------------------------

DATA_DIR = path("DATA_DIR", default=Path("var"), base=BASE_DIR)
try:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(
        f"DATA_DIR must be a writable folder: {DATA_DIR}: {error.strerror}."
    ) from error

# --- Security ------------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", "") or keys.load_or_create_key(DATA_DIR / "secret_key")
keys.require_strength("SECRET_KEY", SECRET_KEY)
DEBUG = flag("DEBUG", default=False)
ALLOWED_HOSTS = host_names("ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]"))
# Proxies in front of Foyer that are believed, counted from the right (api.middleware.forwarded).
TRUSTED_PROXIES = whole_number("TRUSTED_PROXIES", default=0, lowest=0, highest=10)

# On as soon as people reach Foyer by https: cookies then never travel in the clear.
HTTPS = flag("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "operations.admin.csrf.csrf_failure"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
# A browser that was once told so refuses plain http for a year, on other machines' names too.
HSTS_SCOPE = choice("HSTS_SCOPE", default="host", choices=("host", "subdomains", "preload"))
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS_SCOPE != "host"
SECURE_HSTS_PRELOAD = HSTS_SCOPE == "preload"
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"

SILENCED_SYSTEM_CHECKS = [
    # The proxy redirects to https; Foyer would hide a client that sends its token in the clear.
    "security.W008",
    # Sub-domains and preloading are the operator's choice: HSTS_SCOPE.
    "security.W005",
    "security.W021",
    # It is there, as a subclass for the admin: nothing else looks at cookies.
    "security.W003",
    # Unique whatever the case, by the constraint users_username_unique.
    "auth.W004",
]

# JWTs are signed with the first key; the others are accepted too, so that a key can be replaced
# without ending sessions.
JWT_SIGNING_KEYS = [
    keys.require_strength("JWT_SIGNING_KEYS", key) for key in words("JWT_SIGNING_KEYS")
] or [keys.derived_key(SECRET_KEY, purpose="jwt")]
JWT_ISSUER = JWT_AUDIENCE = "foyer"
ACCESS_TOKEN_LIFETIME = timedelta(minutes=15)
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
SESSION_LIFETIME = timedelta(days=180)
SESSION_TOKEN_LIFETIME = timedelta(hours=24)

AUTH_USER_MODEL = "users.User"
# Of the admin, where no page or another host's is asked for.
LOGIN_REDIRECT_URL = "admin:index"
AUTHENTICATION_BACKENDS = ["users.sessions.backends.UsernameOrEmailBackend"]
PASSWORD_HASHERS = ["users.passwords.hashers.OWASPArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "users.passwords.validation.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# `required`: nobody logs in with an email address that is not verified.
EMAIL_VERIFICATION = choice(
    "EMAIL_VERIFICATION", default="optional", choices=("optional", "required")
)
# `required`: staff without a second factor have no rights of staff until they set one up.
STAFF_SECOND_FACTOR = choice(
    "STAFF_SECOND_FACTOR", default="optional", choices=("optional", "required")
)

# None: no limit.
RATE_LIMIT_LOGIN = rate("RATE_LIMIT_LOGIN", default="10/minute")
RATE_LIMIT_SIGNUP = rate("RATE_LIMIT_SIGNUP", default="10/minute")
RATE_LIMIT_RESET = rate("RATE_LIMIT_RESET", default="10/minute")

# --- The application -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "operations.apps.FoyerAdminConfig",
    # Before Django's, which has a command `createsuperuser` too.
    "users",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "huey.contrib.djhuey",
    "core.apps.CoreConfig",
    "operations.apps.OperationsConfig",
    "organizations",
    "games",
    "playsessions",
    "repos",
    "django_crontab",
]

MIDDLEWARE = [
    "api.middleware.forwarded",
    "api.middleware.request_log",
    "api.response_cache.response_cache",
    "api.middleware.api_version",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "api.middleware.trailing_slash",
    "api.middleware.body_limits",
    "operations.admin.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "operations.admin.middleware.CsrfViewMiddleware",
    "operations.admin.middleware.AuthenticationMiddleware",
    "operations.admin.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# Pages of other origins may call the API from a browser, always without cookies.
CORS_ALLOWED_ORIGINS = origins("CORS_ALLOWED_ORIGINS")
# Not the admin, the documentation, the pages of a token and their files.
CORS_URLS_REGEX = r"^/(?!(?:admin|docs|static)(?:/|$)|users/[0-9a-fA-F]{32}/)"
CORS_ALLOW_HEADERS = (
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-api-token",
)
CORS_EXPOSE_HEADERS = ("Link", "ETag", "Location", "Retry-After", "API-Version", "X-Request-ID")
if CORS_ALLOWED_ORIGINS:
    INSTALLED_APPS.append("corsheaders")
    MIDDLEWARE.insert(
        MIDDLEWARE.index("api.middleware.request_log") + 1,
        "corsheaders.middleware.CorsMiddleware",
    )

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "operations" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Bytes. The body of a call, by its kind; see api.middleware.body_limits.
JSON_BODY_LIMIT = 1024 * 1024
AVATAR_SIZE_LIMIT = 10 * 1024 * 1024
# Of one file, by path; elsewhere AVATAR_SIZE_LIMIT. The history of other keepers: repos.imports.
IMPORT_SIZE_LIMIT = 32 * 1024 * 1024
FILE_SIZE_LIMITS = {r"/api/repos/[^/]+/import/?": IMPORT_SIZE_LIMIT}
UPLOAD_BODY_LIMIT = IMPORT_SIZE_LIMIT + 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
# Kept in memory: they are judged at once, and only what came of it is stored.
FILE_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_BODY_LIMIT
FILE_UPLOAD_HANDLERS = [
    "api.bodies.uploads.FileSizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.sessions.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["api.bodies.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.ORJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.ContentNegotiation",
    "DEFAULT_PAGINATION_CLASS": "api.pagination.KeysetPagination",
    "DEFAULT_VERSIONING_CLASS": "api.versioning.AcceptVersioning",
    "DEFAULT_VERSION": "1",
    "ALLOWED_VERSIONS": ["1"],
    "DEFAULT_METADATA_CLASS": "api.metadata.AllowedMethods",
    "DEFAULT_SCHEMA_CLASS": "api.description.schema.ApiSchema",
    "EXCEPTION_HANDLER": "api.errors.handler.handle_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
    # The renderer formats times.
    "DATETIME_FORMAT": None,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Foyer",
    "DESCRIPTION": "Accounts, games, organizations and GitHub traffic history behind one REST API.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {"session_id": {"type": "string", "format": "uuid"}},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "api.description.documents.add_error_schema",
        "api.description.documents.one_of_to_any_of",
        "api.description.documents.add_non_drf_paths",
    ],
    "TAGS": [
        {"name": "Accounts", "description": "Sign up, profiles, pictures, the user directory."},
        {"name": "Sessions", "description": "Log in and out, tokens, sessions, password reset."},
        {
            "name": "Accounts by username",
            "description": "Accounts addressed by username; extra JSON fields are stored as sent.",
        },
        {"name": "Games", "description": "The catalogue: genres, games, and play counts."},
        {"name": "Plays", "description": "Play sessions: who played what, and when."},
        {"name": "Organizations", "description": "Organizations and their members."},
        {
            "name": "Traffic",
            "description": "Traffic of GitHub repositories, stored beyond GitHub's 14 days.",
        },
        {"name": "Pages", "description": "The same history as HTML, by a token in the URL."},
        {"name": "Service", "description": "Health checks for operators."},
    ],
}

# --- Database ------------------------------------------------------------------------------------

DATABASE_URL = url("DATABASE_URL", schemes=("sqlite", "postgres", "postgresql"))
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA_DIR / "foyer.sqlite3"),
        **(env.dj_db_url("DATABASE_URL") if DATABASE_URL else {}),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if DATABASES["default"]["NAME"] in ("", ":memory:"):
        raise ImproperlyConfigured(
            "DATABASE_URL must name a file, like sqlite:////srv/foyer.sqlite3: a database in memory"
            " is there for one process alone."
        )
    # A relative path begins here, wherever a cron job starts.
    DATABASES["default"]["NAME"] = str(BASE_DIR / DATABASES["default"]["NAME"])
    if not (folder := Path(DATABASES["default"]["NAME"]).parent).is_dir():
        raise ImproperlyConfigured(f"DATABASE_URL: there is no folder {folder}.")
    for folder in {DATA_DIR, Path(DATABASES["default"]["NAME"]).parent}:
        require_sqlite_support(folder)
    DATABASES["default"] |= {
        "ENGINE": "core.db.sqlite",
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            # A transaction takes the write lock when it begins: SQLite does not wait for a reader
            # that wants to become a writer, it fails at once.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: what was answered as stored survives a power cut.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            " PRAGMA journal_size_limit=67108864;"
            # Pages of 4 kB. Plays write the same ones over and over: four times as many between two
            # checkpoints make a play 0.94 of the processor time, and a WAL of 16 MB.
            " PRAGMA wal_autocheckpoint=4000;"
            # Kibibytes, of each connection but that of core.db.sqlite.group_commit. What it does
            # not hold, the system's cache does.
            " PRAGMA cache_size=-256;",
        },
        # Not in memory: there, threads lock each other out of whole tables.
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
    }
else:
    DATABASES["default"] = postgresql_settings(DATABASES["default"])

# --- Other services ------------------------------------------------------------------------------

REDIS_URL = url("REDIS_URL", schemes=("redis", "rediss", "unix"))
REDIS_KEY_PREFIX = "foyer"
if REDIS_URL:
    require_package("redis", setting="REDIS_URL")
HUEY: dict[str, Any] = {
    "name": "foyer",
    "immediate": False,
    "results": False,
    "utc": True,
    "consumer": {"workers": 2, "worker_type": "thread"},
}
if DATABASES["default"]["ENGINE"] == "core.db.sqlite":
    HUEY |= {"huey_class": "huey.SqliteHuey", "filename": str(DATA_DIR / "tasks.sqlite3")}
else:
    HUEY |= {"huey_class": "core.tasks.queue.DatabaseHuey"}

EMAIL_URL = env.str("EMAIL_URL", "")
vars().update(email("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = sender("EMAIL_FROM", default="Foyer <foyer@localhost>")

# The server's own GitHub credential serves users who stored none, for repositories of these owners
# (any case; empty: all owners, but then no private repositories).
GITHUB_TOKEN = env.str("GITHUB_TOKEN", "")
if GITHUB_TOKEN:
    try:
        GITHUB_TOKEN = clean_github_token(GITHUB_TOKEN)
    except NotAToken as error:
        raise ImproperlyConfigured(f"GITHUB_TOKEN: {error.message}") from error
GITHUB_TOKEN_OWNERS = frozenset(owner.lower() for owner in words("GITHUB_TOKEN_OWNERS"))
for owner in GITHUB_TOKEN_OWNERS:
    if not is_login(owner):
        raise ImproperlyConfigured(
            f"GITHUB_TOKEN_OWNERS: {owner!r} is no user or organization on GitHub; give the names"
            " alone, such as ours,me."
        )
GITHUB_API_URL = url("GITHUB_API_URL", schemes=("https", "http"), default="https://api.github.com")
# Users' GitHub credentials are encrypted with the first key; the others still decrypt, so that a
# key can be replaced (`manage.py rotate_credentials`).
CREDENTIAL_KEYS = [
    keys.require_strength("CREDENTIAL_KEYS", key) for key in words("CREDENTIAL_KEYS")
] or [keys.derived_key(SECRET_KEY, purpose="credentials")]

# Installed by `make cron`. Thin entries: the commands lock and report by themselves.
CRONJOBS = [
    ("17 3 * * *", "repos.cron.fetch_traffic"),
    ("47 2 * * *", "games.cron.build_recommendations"),
]
CRONTAB_COMMENT = "foyer traffic"
CRONTAB_EXECUTABLE = shutil.which("crontab") or "/usr/bin/crontab"
# Where nobody reads the mail of cron.
CRONTAB_COMMAND_SUFFIX = f">> {DATA_DIR / 'cron.log'} 2>&1"
CRONTAB_DJANGO_MANAGE_PATH = str(BASE_DIR / "manage.py")

# --- Time, text, static files --------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
# An image brings its static files along, outside of the data.
STATIC_ROOT = path("STATIC_ROOT", default=DATA_DIR / "static", base=BASE_DIR)
MEDIA_ROOT = DATA_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "operations.static_storage.StaticFilesStorage",
        # Everybody's anyway; in a container they belong to another user than the server's.
        "OPTIONS": {"file_permissions_mode": 0o644},
    },
}
# Pictures: on the local disk, or in a bucket of S3 or a server that speaks its protocol.
S3_BUCKET = env.str("S3_BUCKET", "")
S3_ENDPOINT_URL = url("S3_ENDPOINT_URL", schemes=("https", "http"))
if S3_BUCKET:
    STORAGES["default"] = s3_storage(bucket=S3_BUCKET, endpoint_url=S3_ENDPOINT_URL)
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Compressing is most of a first start; only a debugger asks for source maps.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
FILE_UPLOAD_PERMISSIONS = 0o640

# --- Serving -------------------------------------------------------------------------------------

HOST = env.str("HOST", "127.0.0.1")
PORT = whole_number("PORT", default=8000, lowest=1, highest=65535)
WEB_WORKERS = whole_number("WEB_WORKERS", default=2, lowest=1, highest=64)
# Figures for Prometheus at /metrics, for whoever sends this token; without one there are none.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
METRICS_DIR = DATA_DIR / "metrics"
if METRICS_TOKEN:
    require_package("prometheus_client", setting="METRICS_TOKEN")
    keys.require_strength("METRICS_TOKEN", METRICS_TOKEN)
    export_for_libraries(PROMETHEUS_MULTIPROC_DIR=str(METRICS_DIR))
    MIDDLEWARE.insert(0, "operations.metrics.measure_requests")
# Where errors are reported to: Sentry, or a server that speaks its protocol.
SENTRY_DSN = url("SENTRY_DSN", schemes=("https", "http"))
if SENTRY_DSN:
    sentry.start(SENTRY_DSN)
# Demo games and traffic on the first run.
DEMO = flag("DEMO", default=True)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "core.logs.formatter.JSONFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": [name_route]}
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Said once already, by foyer.access with the route instead of the path.
        "django.request": {"level": "ERROR"},
        # Anybody can send a wrong Host; the 400 stands in the access log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # Of `runserver`: paths, of requests that stand in the access log.
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": True},
        "huey": {"level": "INFO"},
    },
}
