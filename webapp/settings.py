"""Settings, all of them from the environment (`.env` is read; `.env.example` documents each)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from webapp.core.home import CHECKOUT, data_folder, redis_socket, secret
from webapp.core.trouble import Environment

env = Environment()
Environment.read_env(CHECKOUT / ".env")

BASE_DIR = CHECKOUT
SYNSET_HOME: Path = data_folder()
os.environ["SYNSET_HOME"] = str(SYNSET_HOME)  # absolute for every child process
HOST: str = env.str("HOST", default="127.0.0.1")
PORT: int = env.int("PORT", default=8000)
HTTPS: bool = env.bool("HTTPS", default=False)
DEBUG: bool = env.bool("DEBUG", default=False)
SECRET_KEY: str = env.str("SECRET_KEY", default="") or secret(SYNSET_HOME, "django")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])  # older ones, which still open what they locked
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[]) or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS and host != "*"]
SYNSET_DEVICES: str = env.str("SYNSET_DEVICES", default="auto")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "channels",
    "csp",
    "axes",
    "webapp.core",
    "webapp.accounts",
    "webapp.jobs",
    "webapp.datasets",
    "webapp.experiments",
    "webapp.evaluations",
    "webapp.reports",
    "webapp.predictions",
    "webapp.api",
    "webapp.ops",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "webapp.core.pieces.StaticFiles",
    "webapp.accounts.middleware.private_middleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "webapp.accounts.middleware.actor_middleware",
    "webapp.api.handlers.method_middleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "webapp.urls"
ASGI_APPLICATION = "webapp.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.core.context.frame",
            ],
            "builtins": [f"webapp.core.templatetags.{name}" for name in ("synset", "components", "frames")],
        },
    }
]

# --- Database: SQLite in the data folder unless DATABASE_URL names another.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # the default BEGIN fails at once when two writers meet
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; "
        "PRAGMA cache_size=-20000; PRAGMA journal_size_limit=67108864; PRAGMA secure_delete=ON;"  # what an erased image was called
    ),
}
# a machine that vanished is noticed within about half a minute, in place of after the hours that the kernel would wait
POSTGRES_OPTIONS = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
DATABASES: dict[str, Any] = {"default": env.database("DATABASE_URL", default=f"sqlite:///{SYNSET_HOME / 'synset.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {**POSTGRES_OPTIONS, **DATABASES["default"].get("OPTIONS", {})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: embedded on a unix socket unless REDIS_URL names another. Database 0 carries Celery, 1 the rest.
REDIS_EMBEDDED = not env.str("REDIS_URL", default="")
if REDIS_EMBEDDED:
    REDIS_SOCKET, REDIS_PASSWORD = redis_socket(SYNSET_HOME), secret(SYNSET_HOME, "redis")
    CELERY_BROKER_URL = f"redis+socket://:{REDIS_PASSWORD}@{REDIS_SOCKET}?virtual_host=0"
    REDIS_URL = f"unix://:{REDIS_PASSWORD}@{REDIS_SOCKET}?db=1"
else:
    REDIS_URL = CELERY_BROKER_URL = env.str("REDIS_URL")

# redis-py 8 would give up on a quiet socket after 5 s and allow 100 connections; both break long-lived listeners.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None, "max_connections": 10_000}], "prefix": "synset"},
    }
}

# --- Celery carries pokes alone; the database row is the job (webapp.jobs).
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_DEFAULT_QUEUE = "host"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 2.0
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # else a worker gives up after an hour without Redis, and ends its trainings
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # a Redis that refuses writes is waited for, as one that is away (worker.broker)
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 30, "socket_connect_timeout": 2, "visibility_timeout": 3600}
CELERY_TASK_PUBLISH_RETRY = False  # a poke that cannot be sent is sent again by the keeper

# --- Jobs: times in seconds; tests shorten them through the environment.
JOB_LEASE_SECONDS = env.float("SYNSET_LEASE_SECONDS", default=60.0)
JOB_BEAT_SECONDS = env.float("SYNSET_BEAT_SECONDS", default=JOB_LEASE_SECONDS / 5)
JOB_REAP_SECONDS = env.float("SYNSET_REAP_SECONDS", default=5.0)
JOB_DISPATCH_SECONDS = env.float("SYNSET_DISPATCH_SECONDS", default=3.0)
JOB_MAX_ATTEMPTS = env.int("SYNSET_MAX_ATTEMPTS", default=3)
JOB_CANCEL_GRACE_SECONDS = env.float("SYNSET_CANCEL_GRACE_SECONDS", default=20.0)
JOB_SILENT_SECONDS = env.float("SYNSET_SILENT_SECONDS", default=600.0)  # a process that tells nothing for so long hangs
JOB_LEAST_FREE_BYTES = env.int("SYNSET_LEAST_FREE_BYTES", default=32 << 20)  # with less on the data folder's disk no job begins

# --- /metrics, for Prometheus: the token that opens it. Made once and kept in the data folder unless named.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="") or secret(SYNSET_HOME, "metrics")

# --- The trash: days until what lies there is removed for good.
TRASH_DAYS = env.int("SYNSET_TRASH_DAYS", default=30)

# --- Accounts
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
SESSION_ENGINE = "webapp.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds after signing in
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "synset_session"
CSRF_COOKIE_NAME = "synset_csrf"

# --- Guessing of passwords (django-axes). In the database, which signing in needs anyway: Redis may be away, and restarts do not forget.
# By name alone and by address alone: webapp.accounts.guesses.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # together: nobody can lock out somebody else from elsewhere
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the time that was told holds
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # sessions are listed on the account page
AXES_CLIENT_IP_CALLABLE = "webapp.accounts.lockout.address"
AXES_LOCKOUT_CALLABLE = "webapp.accounts.lockout.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "name", "next", "csrfmiddlewaretoken"]  # not kept with a failure
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

# --- Mail: optional; without it links are handed over by people.
MAIL = bool(env.str("EMAIL_URL", default=""))
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # the next line replaces it
vars().update(env.mail("EMAIL_URL") if MAIL else {})
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="synset@localhost")

# --- Files
STORAGE_URL: str = env.str("STORAGE_URL", default="")
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_TEMP_DIR = str(SYNSET_HOME / "tmp")
Path(FILE_UPLOAD_TEMP_DIR).mkdir(mode=0o700, exist_ok=True)
UPLOAD_MAX_BYTES = env.int("SYNSET_UPLOAD_MAX_BYTES", default=50 * 1024**3)
UPLOAD_DAYS = env.int("SYNSET_UPLOAD_DAYS", default=7)  # that an unfinished upload waits for its next part
UPLOADS_A_TEAM = env.int("SYNSET_UNFINISHED_UPLOADS", default=20)
# Ways in beside an upload: archives at addresses, and folders of this server.
FETCH = env.bool("SYNSET_FETCH", default=True)
FETCH_NETWORKS: list[str] = env.list("SYNSET_FETCH_NETWORKS", default=[])  # private ones that may be asked all the same
ROOTS: list[str] = env.list("SYNSET_ROOTS", default=[])  # folders that editors of every team may import from
BUCKET_KINDS: list[str] = env.list("SYNSET_BUCKET_KINDS", default=[])  # of fsspec's, beside S3, that teams may connect to
WEIGHTS_MAX_BYTES = env.int("SYNSET_WEIGHTS_MAX_BYTES", default=4 * 1000**3)
LOADED_MEGABYTES: float | None = env.float("SYNSET_LOADED_MB", default=None)  # of networks for classifying; an eighth of the memory
STATIC_URL = "/static/"
STATIC_ROOT = SYNSET_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "webapp.core.finders.PackageFileFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "webapp.core.finders.HashedStaticFiles"},
}

# --- Headers
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.server": {"level": "WARNING"}, "celery": {"level": "WARNING"}, "axes": {"level": "WARNING"}},
}
