"""Django's settings. Importing them needs no database, no environment and no clock.

What may be set from outside is documented in docs/reference/settings.md: POINTBOOK_HOME,
DATABASE_URL, DATABASE_OWNER_URL, POINTBOOK_HOST, POINTBOOK_HTTPS, POINTBOOK_EMAIL_URL.
"""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.connection import settings_of

_HOME = home.current()

SECRET_KEY = _HOME.secret()
DEBUG = False
ROOT_URLCONF = "pointbook.config.urls"
WSGI_APPLICATION = "pointbook.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who may ask, and how. POINTBOOK_HOST: the public names, separated by commas.
_NAMES = [name for name in os.environ.get("POINTBOOK_HOST", "").split(",") if name]
_HTTPS = os.environ.get("POINTBOOK_HTTPS") == "1"  # a proxy before us speaks TLS
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *_NAMES]
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in _NAMES]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
X_FRAME_OPTIONS = "DENY"

ROOMS = [
    "controls",
    "programs",
    "members",
    "ledger",
    "tiers",
    "redemption",
    "earning",
    "accounting",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",  # before every app whose ready() registers tasks
    "pointbook.interfaces.console",  # before allauth, whose templates it replaces
    "pointbook.interfaces.portal",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    *(f"pointbook.{room}" for room in ROOMS),
]
MIDDLEWARE = [
    "pointbook.interfaces.api.edge.Edge",  # outermost: tells every error below /v1/
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
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


DATABASES = {"default": settings_of(dsn=home.application_dsn())}

# Staff sign in with a name or an address; nobody signs up (members' doors are in the portal).
AUTH_USER_MODEL = "controls.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "pointbook.config.accounts.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = _HOME.static
MEDIA_URL = "/media/"
MEDIA_ROOT = _HOME.media
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# POINTBOOK_EMAIL_URL=smtp://user:password@host:587 (STARTTLS) or smtps://…:465; else mail is
# printed.
_MAIL = urlsplit(os.environ.get("POINTBOOK_EMAIL_URL", ""))
_MAILER = "smtp" if _MAIL.scheme else "console"
EMAIL_BACKEND = f"django.core.mail.backends.{_MAILER}.EmailBackend"
EMAIL_HOST = _MAIL.hostname or "localhost"
EMAIL_PORT = _MAIL.port or (465 if _MAIL.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(_MAIL.username or "")
EMAIL_HOST_PASSWORD = unquote(_MAIL.password or "")
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_USE_TLS = _MAIL.scheme == "smtp"
DEFAULT_FROM_EMAIL = "Pointbook <pointbook@localhost>"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname:7} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"pointbook": {"level": "INFO"}},
}
